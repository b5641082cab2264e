import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { t } from "../strings";
import { useReturnFocus } from "./focus";

interface Props {
  stay: () => void;
  discard: () => void;
  /** Above a dialog, where it is one that is left. */
  zIndex?: number;
}

/** Asks before unsaved changes are dropped. */
export function Leaving({ stay, discard, zIndex }: Props) {
  useReturnFocus();
  return (
    <Modal
      opened
      onClose={stay}
      title={t("common.unsavedTitle")}
      size="sm"
      zIndex={zIndex}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Stack>
        <Text>{t("common.unsavedText")}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={discard}>
            {t("common.discard")}
          </Button>
          <Button onClick={stay} data-autofocus>
            {t("common.stay")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
