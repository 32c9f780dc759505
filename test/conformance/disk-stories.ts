import type { Disk, OpenFile, OpenHow } from "../../core/engine/host.ts"

export interface Teller {
	disk: Disk
	/** Path of a name in the story's folder. */
	at(name: string): string
	/** One line of the story: what a step came to, or the code of its failure. */
	tell(step: () => Promise<unknown>): Promise<void>
	/** By a name in the folder, or by a path. Closed when the story ends. */
	open(name: string, how: OpenHow, mode?: number): Promise<OpenFile>
	write(name: string, content: string): Promise<void>
	read(name: string): Promise<string>
}

export interface Story {
	name: string
	story(teller: Teller): Promise<void>
	ends: unknown[]
}

const bytes = (text: string) => new TextEncoder().encode(text)

/** What the engine relies on; the same on every disk. */
export const diskStories: Story[] = [
	{
		name: "nothing is at a path",
		story: async ({ disk, at, tell, open }) => {
			await tell(() => disk.lstat(at("a")))
			await tell(() => disk.readFolder(at("a")))
			await tell(() => disk.realPath(at("a")))
			await tell(() => disk.readLink(at("a")))
			await tell(() => disk.remove(at("a")))
			await tell(() => disk.removeFolder(at("a")))
			await tell(() => disk.removeTree(at("a")))
			await tell(() => disk.rename(at("a"), at("b")))
			await tell(() => disk.link(at("a"), at("b")))
			await tell(() => disk.clone(at("a"), at("b")))
			await tell(() => disk.checkWritable(at("a")))
			await tell(() => disk.syncFolder(at("a")))
			await tell(() => disk.room(at("a")))
			await tell(() => disk.setTimes([{ path: at("a"), atimeNs: 1n, mtimeNs: 1n }]))
			for (const how of ["read", "readItself", "write", "folder"] as const) await tell(() => open("a", how))
		},
		ends: [
			undefined,
			undefined,
			...["ENOENT", "ENOENT", "ENOENT", "ENOENT"],
			undefined,
			...Array.from({ length: 11 }, () => "ENOENT"),
		],
	},
	{
		name: "a file is made once and appended to",
		story: async ({ disk, at, tell, open, read, write }) => {
			await write("a", "one")
			await tell(() => open("a", "create"))
			const file = await open("a", "append")
			await tell(() => file.write(bytes(" two"), 0))
			await tell(() => read("a"))
			await tell(async () => (await open("b", "append", 0o600)).stat().then(({ size, mode }) => [size, mode]))
			await tell(async () => disk.readFolder(at("")).then((names) => names?.sort()))
		},
		ends: ["EEXIST", undefined, "one two", [0, 0o600], ["a", "b"]],
	},
	{
		name: "bytes are written anywhere and cut off",
		story: async ({ tell, open, read, write }) => {
			await write("a", "0123456789")
			const file = await open("a", "write")
			await file.write(bytes("xx"), 3)
			await tell(() => read("a"))
			await file.write(bytes("end"), 12)
			await tell(() => read("a"))
			await file.truncate(4)
			await tell(() => read("a"))
			await file.truncate(6)
			await tell(() => read("a"))
			await tell(async () => {
				const into = new Uint8Array(3)
				return [await file.read(into, 2), await file.read(into, 6), await file.read(into, 60)]
			})
			await tell(async () => [(await file.stat()).size, (await file.stat()).links])
		},
		ends: ["012xx56789", "012xx56789\0\0end", "012x", "012x\0\0", [3, 0, 0], [6, 1]],
	},
	{
		name: "a file is used only as it was opened",
		story: async ({ disk, at, tell, open, write }) => {
			await write("a", "text")
			await disk.makeFolder(at("f"), 0o755)
			const [reading, making, folder] = [await open("a", "read"), await open("b", "create"), await open("f", "folder")]
			await tell(() => reading.write(bytes("x"), 0))
			await tell(() => making.read(new Uint8Array(1), 0))
			await tell(() => folder.read(new Uint8Array(1), 0))
			await tell(() => folder.write(bytes("x"), 0))
			await reading.close()
			await tell(() => reading.stat())
			await tell(() => reading.sync())
		},
		ends: ["EBADF", 0, "EISDIR", "EBADF", "EBADF", "EBADF"],
	},
	{
		name: "a folder is no file and a file is no folder",
		story: async ({ disk, at, tell, open, read, write }) => {
			await write("a", "text")
			await disk.makeFolder(at("f"), 0o755)
			await tell(() => open("f", "write"))
			await tell(() => open("f", "append"))
			await tell(() => open("f", "create"))
			await tell(() => read("f"))
			await tell(() => open("a", "folder"))
			await tell(() => disk.remove(at("f")))
			await tell(() => disk.removeFolder(at("a")))
			await tell(() => disk.syncFolder(at("a")))
			await tell(() => disk.link(at("f"), at("g")))
			await tell(() => disk.lstat(at("a/x")))
			await tell(() => disk.readFolder(at("a")))
			await tell(() => disk.realPath(at("a/x")))
			await tell(() => open("a/x", "read"))
			await tell(() => open("a/x", "create"))
			await tell(() => disk.makeFolder(at("a/x"), 0o755))
			await tell(() => disk.readLink(at("a")))
			await tell(() => disk.makeFolder(at("a"), 0o755))
			await tell(() => disk.makeFolder(at("none/f"), 0o755))
		},
		ends: [
			...["EISDIR", "EISDIR", "EEXIST", "EISDIR", "ENOTDIR", "EISDIR", "ENOTDIR", "ENOTDIR", "EPERM"],
			...[undefined, undefined, "ENOTDIR", "ENOTDIR", "ENOTDIR", "ENOTDIR", "EINVAL", "EEXIST", "ENOENT"],
		],
	},
	{
		name: "a rename replaces a file at once and a folder only when it is empty",
		story: async ({ disk, at, tell, read, write }) => {
			await write("a", "new")
			await write("b", "old")
			await disk.makeFolder(at("f"), 0o755)
			await disk.makeFolder(at("g"), 0o755)
			await write("g/x", "x")
			await tell(() => disk.rename(at("a"), at("b")))
			await tell(() => read("b"))
			await tell(() => disk.lstat(at("a")))
			await tell(() => disk.rename(at("b"), at("f")))
			await tell(() => disk.rename(at("f"), at("b")))
			await tell(() => disk.rename(at("f"), at("g")))
			await tell(() => disk.rename(at("g"), at("f")))
			await tell(() => read("f/x"))
			await tell(() => disk.rename(at("b"), at("none/b")))
			await tell(() => disk.rename(at("b"), at("f/x")))
			await tell(() => read("f/x"))
		},
		ends: [undefined, "new", undefined, "EISDIR", "ENOTDIR", "ENOTEMPTY", undefined, "x", "ENOENT", undefined, "new"],
	},
	{
		name: "a file with two names",
		story: async ({ disk, at, tell, open, read, write }) => {
			await write("a", "one")
			await tell(() => disk.link(at("a"), at("b")))
			await tell(() => disk.link(at("a"), at("b")))
			await tell(async () => (await disk.lstat(at("a")))?.links)
			await tell(async () => (await disk.lstat(at("a")))?.inode === (await disk.lstat(at("b")))?.inode)
			await (await open("b", "write")).write(bytes("TWO"), 0)
			await tell(() => read("a"))
			await tell(() => disk.rename(at("a"), at("b")))
			await tell(async () => (await disk.readFolder(at("")))?.sort())
			await disk.remove(at("a"))
			await tell(async () => (await disk.lstat(at("b")))?.links)
		},
		ends: [undefined, "EEXIST", 2, true, "TWO", undefined, ["a", "b"], 1],
	},
	{
		name: "links are followed on the way, and at the end only to read",
		story: async ({ disk, at, tell, open, read, write }) => {
			await disk.makeFolder(at("f"), 0o755)
			await write("f/a", "text")
			await disk.makeLink("f", at("toFolder"))
			await disk.makeLink("f/a", at("toFile"))
			await disk.makeLink("none", at("toNone"))
			await disk.makeLink(at("f/a"), at("absolute"))
			await disk.makeLink("../toFile", at("f/up"))
			await tell(() => disk.makeLink("x", at("toFile")))
			await tell(() => read("toFolder/a"))
			await tell(() => read("toFile"))
			await tell(() => read("absolute"))
			await tell(() => read("toFolder/up"))
			await tell(() => disk.realPath(at("toFolder/up")))
			await tell(() => disk.readLink(at("f/up")))
			await tell(async () => (await disk.lstat(at("toFile")))?.kind)
			for (const how of ["readItself", "write", "append", "create", "folder"] as const) {
				await tell(() => open("toFile", how))
			}
			await tell(() => open("toFolder", "folder"))
			await tell(() => open("toNone", "append"))
			await tell(() => read("toNone"))
			await disk.link(at("f/a"), at("a-other"))
			await disk.makeLink("f/a", at("toOneOfTwo"))
			await tell(() => disk.realPath(at("toOneOfTwo")))
			await tell(() => disk.realPath(at("toNone")))
			await tell(async () => (await disk.readFolder(at("toFolder")))?.sort())
			await tell(() => disk.makeFolder(at("toNone"), 0o755))
			await tell(() => disk.removeFolder(at("toFolder")))
			await tell(() => disk.remove(at("toFolder")))
			await tell(() => read("f/a"))
		},
		ends: [
			...["EEXIST", "text", "text", "text", "text", "/f/a", "../toFile", "link"],
			...["ELOOP", "ELOOP", "ELOOP", "EEXIST", "ENOTDIR", "ENOTDIR", "ELOOP", "ENOENT", "/f/a", "ENOENT"],
			...[["a", "up"], "EEXIST", "ENOTDIR", undefined, "text"],
		],
	},
	{
		name: "links in a circle lead nowhere",
		story: async ({ disk, at, tell, read }) => {
			await disk.makeLink("b", at("a"))
			await disk.makeLink("a", at("b"))
			await tell(() => read("a"))
			await tell(() => disk.realPath(at("a")))
			await tell(() => disk.lstat(at("a/x")))
			await tell(async () => (await disk.lstat(at("a")))?.kind)
		},
		ends: ["ELOOP", "ELOOP", "ELOOP", "link"],
	},
	{
		name: "folders go when they are empty, trees with all that is in them",
		story: async ({ disk, at, tell, write, read }) => {
			await disk.makeFolder(at("f"), 0o755)
			await disk.makeFolder(at("f/g"), 0o755)
			await write("f/g/a", "text")
			await write("other", "stays")
			await disk.makeLink("../other", at("f/link"))
			await tell(() => disk.removeFolder(at("f")))
			await tell(() => disk.removeTree(at("f")))
			await tell(() => disk.readFolder(at("")))
			await tell(() => read("other"))
			await tell(() => disk.removeTree(at("other")))
			await tell(() => disk.readFolder(at("")))
		},
		ends: ["ENOTEMPTY", undefined, ["other"], "stays", undefined, []],
	},
	{
		name: "a folder made has its mode, whatever the umask",
		story: async ({ disk, at, tell }) => {
			await disk.makeFolder(at("f"), 0o777)
			await disk.makeFolder(at("g"), 0o1730, { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 })
			await tell(async () => (await disk.lstat(at("f")))?.mode)
			await tell(async () => (await disk.lstat(at("g")))?.mode)
		},
		ends: [0o777, 0o1730],
	},
	{
		name: "mode, owner and times of an open file",
		story: async ({ disk, at, tell, open, write }) => {
			await write("a", "text")
			const file = await open("a", "read")
			await file.setMode(0o4755)
			await tell(async () => (await disk.lstat(at("a")))?.mode)
			await file.setOwner(process.geteuid?.() ?? 0, process.getegid?.() ?? 0)
			await tell(async () => (await disk.lstat(at("a")))?.mode)
			await disk.setTimes([{ path: at("a"), atimeNs: 1_700_000_000_000_000_000n, mtimeNs: 1_700_000_000_000_123_456n }])
			await tell(async () => (await disk.lstat(at("a")))?.atimeNs === 1_700_000_000_000_000_000n)
			await tell(async () => (await disk.lstat(at("a")))?.mtimeNs === 1_700_000_000_000_123_456n)
		},
		ends: [0o4755, 0o755, true, true],
	},
	{
		name: "a clone is a new file, or none where files cannot share blocks",
		story: async ({ disk, at, tell, open, read, write }) => {
			await write("a", "text")
			const isMade = await disk.clone(at("a"), at("b")).then(
				() => true,
				(error: { code?: unknown }) => (error.code === "ENOTSUP" ? false : String(error.code)),
			)
			await tell(async () => ((await disk.lstat(at("b"))) !== undefined) === isMade)
			if (!isMade) await write("b", "text")
			await (await open("b", "write")).write(bytes("TEXT"), 0)
			await tell(() => read("a"))
			await tell(() => read("b"))
			await tell(() => disk.clone(at("none"), at("c")))
		},
		ends: [true, "text", "TEXT", "ENOENT"],
	},
	{
		name: "a held folder stays what it was, wherever its name goes",
		story: async ({ disk, at, tell, open, read, write }) => {
			await disk.makeFolder(at("f"), 0o755)
			await disk.makeFolder(at("g"), 0o755)
			await write("f/a", "in f")
			await write("g/a", "in g")
			const held = await open("f", "folder")
			await tell(() => disk.readLink(held.path))
			await disk.rename(at("f"), at("old"))
			await disk.makeLink("g", at("f"))
			await tell(() => disk.readLink(held.path))
			await tell(() => read(`${held.path}/a`))
			await tell(() => disk.realPath(`${held.path}/a`))
			await tell(() => disk.rename(`${held.path}/a`, `${held.path}/b`))
			await tell(() => read("old/b"))
			await tell(() => disk.lstat(`${held.path}/a`))
			await tell(async () => (await disk.lstat(`${held.path}/b`))?.size)
			await tell(() => disk.makeFolder(`${held.path}/made`, 0o755))
			await tell(async () => (await disk.readFolder(held.path))?.sort())
			await tell(() => disk.removeFolder(`${held.path}/made`))
			await tell(() => disk.remove(`${held.path}/b`))
			await tell(() => disk.removeFolder(at("old")))
			await tell(() => open(`${held.path}/new`, "create"))
			await tell(() => disk.makeFolder(`${held.path}/new`, 0o755))
			await tell(async () => (await disk.readLink(held.path)).endsWith(" (deleted)"))
			await tell(() => read("g/a"))
		},
		ends: [
			...["/f", "/old", "in f", "/old/a", undefined, "in f", undefined, 4],
			...[undefined, ["b", "made"], undefined, undefined, undefined, "ENOENT", "ENOENT", true, "in g"],
		],
	},
	{
		name: "an open file stays what it was, even without a name",
		story: async ({ disk, at, tell, open, read, write }) => {
			await write("a", "first")
			const file = await open("a", "readItself")
			await write("b", "second")
			await disk.rename(at("b"), at("a"))
			await tell(() => read("a"))
			await tell(() => read(file.path))
			await tell(async () => (await file.stat()).links)
			await tell(() => file.sync())
			await tell(async () => (await disk.readLink(file.path)).endsWith(" (deleted)"))
		},
		ends: ["second", "first", 0, undefined, true],
	},
	{
		name: "a change gives a file another ctime, a rename leaves its mtime",
		story: async ({ disk, at, tell, write }) => {
			await write("a", "text")
			await disk.setTimes([{ path: at("a"), atimeNs: 5_000_000_000n, mtimeNs: 5_000_000_000n }])
			const before = await disk.lstat(at("a"))
			await disk.rename(at("a"), at("b"))
			const after = await disk.lstat(at("b"))
			await tell(async () => after?.mtimeNs === 5_000_000_000n && before?.inode === after?.inode)
			await tell(async () => (after?.ctimeNs ?? 0n) >= (before?.ctimeNs ?? 0n))
		},
		ends: [true, true],
	},
]
