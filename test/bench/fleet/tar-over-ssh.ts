import { timeProgram } from "../run-program.ts"
import type { Desk } from "./desk.ts"
import { closureOf, finalClosure, type Proof, pools } from "./module.ts"

/**
 * What a careful person writes without a transaction: one connection, the files as one stream, moved into their places
 * and proved pool by pool; the first failure ends it. It keeps nothing, verifies nothing and syncs nothing.
 */
export const makeScript = ({ closureOf, finalClosure }: Proof): string =>
	[
		"set -e",
		"new=$(mktemp -d /srv/bench/new.XXXXXX)",
		"tar -xf - -C $new",
		...pools.flatMap((pool) => [
			...pool.files.map((name) => `mv $new/${name} ${pool.destination}/${name}`),
			`( ${closureOf(pool).join("; ")} )`,
		]),
		...finalClosure,
		"rmdir $new",
	].join("\n")

export function timeTarOverSsh({ module, appliance }: Desk) {
	const pipe = 'folder=$1; script=$2; shift 2; tar -cf - -C "$folder/src" . | ssh "$@" "$script"'
	return timeProgram("bash", [
		"-o",
		"pipefail",
		"-c",
		pipe,
		"tar-over-ssh",
		module,
		makeScript({ closureOf, finalClosure }),
		...appliance.sshArgs("root"),
	])
}
