// A program of its own for tests that kill one: node program.ts type|publish|save DATA FOLDER
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { createLibrary } from "../../../../../core/fleet/library/library.ts"
import { openStore } from "../../../../../core/fleet/store/store.ts"

const [what, data = "", folder = ""] = process.argv.slice(2)
const store = openStore(data, () => {})
const library = createLibrary({ dataFolder: data, store, log: () => {} })

for (let n = 0; ; n++) {
	if (what === "type") {
		const { textDigest: base } = await library.open(folder)
		await library.keepDraft({ folder, text: `typed ${n} ${"x".repeat(20_000)}`, base })
	} else if (what === "save") {
		const { textDigest: base } = await library.open(folder)
		await library.save({ folder, text: JSON.stringify({ n, filler: "x".repeat(20_000), end: n }), base })
	} else {
		writeFileSync(join(folder, "src/a.txt"), `${process.pid} ${n}\n`)
		const { base, content, versions } = await library.propose(folder)
		await library.publish({ folder, base, content, version: versions[0]?.version ?? "" })
	}
	process.stdout.write(`${n}\n`)
}
