// A program of its own for tests that kill one: node program.ts type|save DATA FOLDER, which goes on until it is killed, or
// node program.ts publish DATA FOLDER N, which kills itself before the Nth call that gives something its name.
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { join } from "node:path"
import { createLibrary } from "../../../../../core/fleet/library/library.ts"
import { openStore } from "../../../../../core/fleet/store/store.ts"

const [what, data = "", folder = "", step = "0"] = process.argv.slice(2)
let calls = 0

/** Named imports follow: every module of ours calls these. */
function killBefore(owner: object, names: string[]) {
	for (const name of names) {
		const real = Reflect.get(owner, name)
		Reflect.set(owner, name, (...given: unknown[]) => {
			if (++calls === Number(step)) process.kill(process.pid, "SIGKILL")
			return real(...given)
		})
	}
}

const store = openStore(data, () => {})
const library = createLibrary({ dataFolder: data, store, log: () => {} })

if (what === "publish") {
	fs.writeFileSync(join(folder, "src/a.txt"), `step ${step}\n`)
	const { base, content, versions } = await library.propose(folder)
	killBefore(fs.promises, ["rename", "link", "rm", "appendFile"])
	killBefore(fs, ["renameSync"])
	syncBuiltinESMExports()
	await library.publish({ folder, base, content, version: versions[0]?.version ?? "" })
	process.stdout.write("published\n")
	process.exit(0)
}

for (let n = 0; ; n++) {
	const { textDigest: base } = await library.open(folder)
	if (what === "type") await library.keepDraft({ folder, text: `typed ${n} ${"x".repeat(20_000)}`, base })
	else await library.save({ folder, text: JSON.stringify({ n, filler: "x".repeat(20_000), end: n }), base })
	process.stdout.write(`${n}\n`)
}
