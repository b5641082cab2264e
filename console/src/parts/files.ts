/** One file of an agent and its path inside the folder it came from. */
export interface Chosen {
  file: File;
  path: string;
}

/** Files that systems leave in folders and that belong to no agent. */
const litter = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|__MACOSX\/.*|\.git\/.*)$/;

export const isZip = (name: string): boolean => /\.zip$/i.test(name);

const entryFile = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // The browser gives a folder out in pieces; an empty piece is the end.
    const piece = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (piece.length === 0) return all;
    all.push(...piece);
  }
}

async function walk(entry: FileSystemEntry, into: Chosen[]): Promise<void> {
  if (entry.isFile) {
    const path = entry.fullPath.replace(/^\//, "");
    if (!litter.test(path)) into.push({ file: await entryFile(entry as FileSystemFileEntry), path });
  } else if (entry.isDirectory) {
    for (const child of await entriesOf(entry as FileSystemDirectoryEntry)) await walk(child, into);
  }
}

/** The files of a drop, folders opened. */
export async function dropped(transfer: DataTransfer): Promise<Chosen[]> {
  // Entries must be taken before the first await: afterwards the list is empty.
  const entries = Array.from(transfer.items)
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = Array.from(transfer.files);
  const chosen: Chosen[] = [];
  for (const entry of entries) if (entry) await walk(entry, chosen);
  return chosen.length > 0 ? chosen : listed(plain);
}

/** The files of a file field; of a folder field with their paths. */
export function listed(files: Iterable<File>): Chosen[] {
  return Array.from(files)
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }))
    .filter(({ path }) => !litter.test(path));
}
