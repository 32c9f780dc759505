import { Select } from "@mantine/core"
import { poolsOf } from "../../../stores/module-document.ts"
import { useEditing } from "../context.ts"
import { nameOf } from "../pools/pool-actions.ts"
import type { useFetch } from "./use-fetch.ts"

/** The pool that gets an operation for each fetched file, or none. */
export function PoolChoice({ fetching }: { fetching: ReturnType<typeof useFetch> }) {
	const names = useEditing(({ value }) => poolsOf(value).map(nameOf).join("\n"))
	const pools = names === "" ? [] : names.split("\n")
	return (
		<Select
			aria-label="Pool"
			size="xs"
			w={200}
			data={[
				...pools.map((name, index) => ({ value: String(index), label: name })),
				{ value: "none", label: "no pool" },
			]}
			value={fetching.pool}
			allowDeselect={false}
			onChange={(pool) => pool !== null && fetching.setPool(pool)}
		/>
	)
}
