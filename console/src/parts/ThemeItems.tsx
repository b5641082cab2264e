import { Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { t } from "../strings";

const choices: [MantineColorScheme, string][] = [
  ["auto", t("shell.themeSystem")],
  ["light", t("shell.themeLight")],
  ["dark", t("shell.themeDark")],
];

/** The choice of theme, as part of a menu. */
export function ThemeItems() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Label>{t("shell.theme")}</Menu.Label>
      {choices.map(([scheme, label]) => (
        <Menu.Item
          key={scheme}
          role="menuitemradio"
          aria-checked={colorScheme === scheme}
          onClick={() => setColorScheme(scheme)}
          rightSection={colorScheme === scheme ? <IconCheck size={14} aria-hidden /> : null}
        >
          {label}
        </Menu.Item>
      ))}
    </>
  );
}
