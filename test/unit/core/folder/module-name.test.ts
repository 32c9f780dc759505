import fc from "fast-check"
import { expect, test } from "vitest"
import { moduleName } from "../../../../core/folder/module-name.ts"
import { manifestSchema } from "../../../../core/schema/manifest.ts"

const rows: [folder: string, name: string | RegExp][] = [
	["/srv/modules/hotfix", "hotfix"],
	["/srv/modules/hotfix-1.2_b/", "hotfix-1.2_b"],
	["/srv/My Fixes", /^My-Fixes-[0-9a-f]{8}$/],
	["/srv/módulo", /^modulo-[0-9a-f]{8}$/],
	["/srv/補丁", /^module-[0-9a-f]{8}$/],
	["/srv/.hidden", /^hidden-[0-9a-f]{8}$/],
	[`/srv/${"x".repeat(200)}`, /^x{119}-[0-9a-f]{8}$/],
	["/", /^module-[0-9a-f]{8}$/],
]
test.each(rows)("%s is called %s", (folder, name) => expect(moduleName(folder)).toMatch(name))

test("every folder has a name that a manifest allows, and two names never become one", () => {
	const base = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[/\0]|^\.{1,2}$/.test(text))
	fc.assert(
		fc.property(base, base, (a, b) => {
			expect(manifestSchema.shape.name.safeParse(moduleName(`/m/${a}`)).success).toBe(true)
			if (a !== b) expect(moduleName(`/m/${a}`)).not.toBe(moduleName(`/m/${b}`))
		}),
	)
})
