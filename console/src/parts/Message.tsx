import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import type { ChatMessage } from "../api/types";
import { t } from "../strings";
import { readTemplate, type Action } from "./template";

interface Props {
  message: ChatMessage;
  choose: (text: string) => void;
}

/** A message of the agent: text as text, templates through an allow-list. */
export function Message({ message, choose }: Props) {
  if (message.type === "text") return <div className="bubble">{message.text ?? ""}</div>;
  const template = readTemplate(message.payload ?? message.text);
  return (
    <div className="bubble">
      <Stack gap="xs">
        {template.text && <span>{template.text}</span>}
        {template.cards.map((card, i) => (
          <div key={i}>
            <Text fw={500}>{card.title}</Text>
            {card.subtitle && <Text size="xs">{card.subtitle}</Text>}
            <Actions actions={card.actions} choose={choose} />
          </div>
        ))}
        <Actions actions={template.actions} choose={choose} />
        {template.raw && (
          <>
            <Text size="xs" c="dimmed">
              {t("chat.template", { type: template.kind })}
            </Text>
            <pre className="mono">{template.raw}</pre>
          </>
        )}
      </Stack>
    </div>
  );
}

function Actions({ actions, choose }: { actions: Action[]; choose: (text: string) => void }) {
  if (actions.length === 0) return null;
  return (
    <Group gap={6} mt={4}>
      {actions.map((action, i) =>
        action.href ? (
          <Anchor
            key={i}
            href={action.href}
            target="_blank"
            rel="noopener noreferrer"
            size="sm"
            aria-label={t("chat.open", { title: action.title })}
          >
            {action.title}
          </Anchor>
        ) : (
          <Button
            key={i}
            size="compact-sm"
            variant="default"
            onClick={() => choose(action.say ?? action.title)}
          >
            {action.title}
          </Button>
        ),
      )}
    </Group>
  );
}
