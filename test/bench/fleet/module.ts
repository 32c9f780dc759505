import { randomBytes } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"

/** Three pools of seven small files, as a hotfix has them. */
const POOLS = ["web", "backend", "cron"].map((id) => ({
	id,
	destination: `/srv/bench/${id}`,
	files: Array.from({ length: 7 }, (_, index) => `${id}-${index}.conf`),
}))
export type BenchPool = (typeof POOLS)[number]
export const pools: readonly BenchPool[] = POOLS

/** What proves pools and the whole. */
export interface Proof {
	closureOf(pool: BenchPool): string[]
	finalClosure: string[]
}

/** What proves a pool: its files are looked at, and its service is restarted or asked for. */
export const closureOf = ({ id, destination }: BenchPool): string[] => [
	`cd ${destination}`,
	"grep -q begin *.conf",
	id === "backend" ? "systemctl restart gunicorn" : "systemctl is-active --quiet homeserver",
]
export const finalClosure = [
	"curl -fsS -o /dev/null http://localhost:5000/health",
	"systemctl is-active --quiet gunicorn",
]

/** The same where there is no system around the files. */
export const plainProof: Proof = {
	closureOf: ({ destination, files }) => [`cd ${destination}`, "grep -q begin *.conf", `test -s ${files[0]}`],
	finalClosure: ["test -d /srv/bench"],
}

/** What the appliance has before the first run. */
export const arrangeDestinations = pools
	.map(
		({ destination, files }) =>
			`mkdir -p ${destination}; for f in ${files.join(" ")}; do echo begin > ${destination}/$f; done`,
	)
	.join("; ")

/** Writes the module anew: another version, and all bytes others than before. */
export async function writeModule(
	folder: string,
	version: number,
	proof: Proof = { closureOf, finalClosure },
): Promise<void> {
	await mkdir(join(folder, "src"), { recursive: true })
	for (const name of pools.flatMap(({ files }) => files)) {
		await writeFile(join(folder, "src", name), makeText())
	}
	const index = {
		metadata: { schema_version: `1.0.${version}`, description: "bench" },
		pools: pools.map((pool) => ({
			id: pool.id,
			description: `files of ${pool.id}`,
			operations: pool.files.map((name) => ({ target: name, destination: `${pool.destination}/${name}` })),
			closure: proof.closureOf(pool),
		})),
		finalClosure: proof.finalClosure,
	}
	await writeFile(join(folder, "index.json"), JSON.stringify(index))
}

/** Some KiB that look like somebody's settings. */
function makeText(): string {
	const line = (_: unknown, index: number) =>
		`setting_${index} = "${randomBytes(6).toString("hex")}" # as it has to be\n`
	return `begin\n${Array.from({ length: 60 }, line).join("")}`
}
