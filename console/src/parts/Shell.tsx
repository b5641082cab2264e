import { AppShell, Burger, Button, Menu, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBook2, IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams, useRouter, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { api, take, keepToken } from "../api/client";
import { client, sessionQuery } from "../api/queries";
import { t } from "../strings";
import { AdminNav } from "./AdminNav";
import { JobTray } from "./JobTray";
import { Nav } from "./Nav";
import { useMay } from "./Need";
import { failed } from "./notify";
import { ThemeItems } from "./ThemeItems";

/** Frame of every page behind the sign-in: top bar, navigation, content. */
export function Shell() {
  const { botId } = useParams({ strict: false });
  const [opened, { toggle, close }] = useDisclosure(false);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const side = botId ? <Nav botId={botId} /> : pathname.startsWith("/admin/") ? <AdminNav /> : null;
  useEffect(close, [pathname, close]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{
        width: 240,
        breakpoint: "md",
        collapsed: { mobile: !opened || !side, desktop: !side },
      }}
      padding={0}
      transitionDuration={0}
    >
      <a className="skip" href="#content">
        {t("common.skip")}
      </a>
      <AppShell.Header>
        <div className="bar">
          {side && (
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={t("shell.openNavigation")}
              aria-expanded={opened}
            />
          )}
          <Link to="/builder" className="brand">
            <img src="/assets/favicon.svg" alt="" />
            <span>{t("common.product")}</span>
          </Link>
          <span style={{ flex: 1 }} />
          <JobTray />
          <Button
            component="a"
            href="/docs/api"
            variant="subtle"
            color="gray"
            c="dimmed"
            visibleFrom="sm"
            leftSection={<IconBook2 size={16} aria-hidden />}
          >
            {t("shell.apiReference")}
          </Button>
          <AccountMenu />
        </div>
      </AppShell.Header>
      {side && <AppShell.Navbar>{side}</AppShell.Navbar>}
      <AppShell.Main id="content" tabIndex={-1}>
        <div className="page" data-alone={!side || undefined}>
          <Outlet />
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

function AccountMenu() {
  const { data: session } = useQuery(sessionQuery);
  const router = useRouter();
  const admin = useMay("audit");
  if (!session) return null;
  const signOut = async () => {
    try {
      await take(api.DELETE("/session"));
    } catch (error) {
      failed(error);
      return;
    }
    keepToken(null);
    client.clear();
    client.setQueryData(sessionQuery.queryKey, null);
    await router.navigate({ to: "/sign-in", replace: true });
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton
          className="side-link"
          w="auto"
          aria-label={`${t("shell.account")}: ${session.account.name}`}
        >
          <Text size="sm" truncate maw={160} visibleFrom="xs" span>
            {session.account.name}
          </Text>
          <IconChevronDown size={16} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{session.user.email}</Menu.Label>
        <Menu.Item component={Link} to="/me">
          {t("me.title")}
        </Menu.Item>
        {admin && (
          <Menu.Item component={Link} to="/admin">
            {t("shell.goToAdmin")}
          </Menu.Item>
        )}
        <Menu.Divider />
        <ThemeItems />
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>{t("shell.signOut")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
