import { ActionIcon, Button, Checkbox, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconPencil, IconSearch, IconTrash } from "@tabler/icons-react";
import { useRef, useState, type ReactNode } from "react";
import { t } from "../strings";
import { Ask } from "./Ask";
import { focusHeading } from "./PageHead";
import { usePages } from "./Pages";
import { Rows } from "./Rows";

export interface Column<T> {
  head: string;
  width?: number;
  className?: string;
  cell: (one: T) => ReactNode;
}

interface Edit<T> {
  /** Name of the button in a row. */
  label: (one: T) => string;
  act: (one: T) => void;
}

interface Remove<T> {
  /** Name of the button in a row. */
  label: (one: T) => string;
  title: string;
  button: string;
  /** What the dialog says before it does it. */
  text: (gone: T[]) => ReactNode;
  act: (gone: T[]) => Promise<void>;
}

interface Tick<T> {
  label: (one: T) => string;
  all: string;
  /** Name of the button that removes what is ticked. */
  remove: (count: number) => string;
}

interface Props<T> {
  items: T[];
  /** What tells two entries apart. */
  id: (one: T) => string;
  /** What the search looks through. */
  words: (one: T) => string;
  label: string;
  search: string;
  empty: string;
  minWidth: number;
  columns: Column<T>[];
  /** Whether the person may change the list. */
  may: boolean;
  create?: ReactNode;
  edit?: Edit<T>;
  remove?: Remove<T>;
  /** Several entries can be removed at once. */
  tick?: Tick<T>;
  /** What else the shown page depends on, for instance a filter above the list. */
  within?: string;
  /** Clears the filters above the list too. */
  clear?: () => void;
}

/** A list that people search, page through and change; removing asks first, and the focus goes on to the next row. */
export function EditableList<T>(props: Props<T>) {
  const { items, id, words, label, columns, may, create, edit, remove, tick } = props;
  const box = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState("");
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [removing, setRemoving] = useState<T[]>();
  const wanted = typed.trim().toLowerCase();
  const found = items.filter((one) => words(one).toLowerCase().includes(wanted));
  const { rows, buttons } = usePages(found, `${props.within ?? ""} ${wanted}`);
  const picked = items.filter((one) => ticked.has(id(one)));
  if (items.length === 0 && !props.clear) return <Rows.Empty text={props.empty}>{create}</Rows.Empty>;
  const mark = (one: T, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(id(one));
    else next.delete(id(one));
    setTicked(next);
  };
  const act = async (gone: T[]) => {
    const next = following(rows.map(id), new Set(gone.map(id)));
    await remove?.act(gone);
    setTicked(new Set());
    window.setTimeout(() => {
      const all = Array.from(box.current?.querySelectorAll<HTMLElement>("tr[data-row]") ?? []);
      const button = all.find((row) => row.dataset.row === next)?.querySelector<HTMLElement>("button[data-remove]");
      if (button) button.focus();
      else focusHeading();
    }, 80);
  };
  return (
    <Stack ref={box}>
      <Group justify="space-between" align="flex-end">
        <TextInput
          label={props.search}
          type="search"
          w={320}
          maw="100%"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Group gap="xs">
          {tick && may && picked.length > 0 && (
            <Button variant="default" onClick={() => setRemoving(picked)}>
              {tick.remove(picked.length)}
            </Button>
          )}
          {create}
        </Group>
      </Group>
      {found.length === 0 ? (
        <Rows.NoResults
          clear={() => {
            setTyped("");
            props.clear?.();
          }}
        />
      ) : (
        <Rows label={label} minWidth={props.minWidth}>
          <Table.Thead>
            <Table.Tr>
              {tick && may && (
                <Table.Th w={40}>
                  <Checkbox
                    aria-label={tick.all}
                    checked={rows.every((one) => ticked.has(id(one)))}
                    onChange={(event) => setTicked(new Set(event.currentTarget.checked ? rows.map(id) : []))}
                  />
                </Table.Th>
              )}
              {columns.map((column) => (
                <Table.Th key={column.head} w={column.width}>
                  {column.head}
                </Table.Th>
              ))}
              {may && (edit || remove) && <Table.Th w={edit && remove ? 96 : 72}>{t("common.actions")}</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((one) => (
              <Table.Tr key={id(one)} data-row={id(one)}>
                {tick && may && (
                  <Table.Td>
                    <Checkbox
                      aria-label={tick.label(one)}
                      checked={ticked.has(id(one))}
                      onChange={(event) => mark(one, event.currentTarget.checked)}
                    />
                  </Table.Td>
                )}
                {columns.map((column) => (
                  <Table.Td key={column.head} className={column.className}>
                    {column.cell(one)}
                  </Table.Td>
                ))}
                {may && (edit || remove) && (
                  <Table.Td>
                    <Group gap={4} wrap="nowrap">
                      {edit && (
                        <RowButton label={edit.label(one)} act={() => edit.act(one)}>
                          <IconPencil size={18} aria-hidden />
                        </RowButton>
                      )}
                      {remove && (
                        <RowButton label={remove.label(one)} act={() => setRemoving([one])} removes>
                          <IconTrash size={18} aria-hidden />
                        </RowButton>
                      )}
                    </Group>
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Rows>
      )}
      {buttons}
      {remove && removing && (
        <Ask
          title={remove.title}
          button={remove.button}
          close={() => setRemoving(undefined)}
          act={() => act(removing)}
        >
          <Text component="div">{remove.text(removing)}</Text>
        </Ask>
      )}
    </Stack>
  );
}

interface ButtonProps {
  label: string;
  act: () => void;
  removes?: boolean;
  children: ReactNode;
}

/** A button of a row: a sign with a name, said in a tooltip too. */
export function RowButton({ label, act, removes, children }: ButtonProps) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      c="dimmed"
      aria-label={label}
      title={label}
      data-remove={removes || undefined}
      onClick={act}
    >
      {children}
    </ActionIcon>
  );
}

/** The entry that comes after those that go, else the last one before them. */
export function following(ids: string[], gone: Set<string>): string | undefined {
  const last = ids.findLastIndex((one) => gone.has(one));
  const after = ids.slice(last + 1).find((one) => !gone.has(one));
  return after ?? ids.slice(0, last + 1).findLast((one) => !gone.has(one));
}
