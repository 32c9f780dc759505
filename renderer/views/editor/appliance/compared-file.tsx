import { useState } from "react"
import type { ComparedFile } from "../../../../core/schema/variants.ts"
import { Path } from "../../../components/code.tsx"
import classes from "./appliance.module.css"
import { FetchResults } from "./fetch-results.tsx"
import type { useFetch } from "./use-fetch.ts"
import { VariantRow } from "./variant-row.tsx"
import { sourceWords } from "./variant-words.ts"

interface Props {
	file: ComparedFile
	nameOf(id: string): string
	fetching: ReturnType<typeof useFetch>
}

/** A destination and the variants in which it stands; each opens beside our source, and can be fetched. */
export function ComparedFileRow({ file, nameOf, fetching }: Props) {
	const [opened, setOpened] = useState<string>()
	const { destination, target, pools, variants } = file
	const fetch = (applianceId: string, digest: string) =>
		void fetching.fetch({
			applianceId,
			files: [{ path: destination, target, digest }],
			isPlaced: pools.length > 0,
		})
	const isFetched = fetching.asked?.files.some((one) => one.path === destination && one.target === target)
	return (
		<section aria-label={destination} className={classes.file}>
			<h3 className={classes.destination}>
				<Path path={destination} />
				<span className={classes.link}>{sourceWords(file)}</span>
				{variants.length > 1 && <span className={classes.link}>{variants.length} variants</span>}
			</h3>
			<ul className={classes.variants} aria-label={`Variants of ${destination}`}>
				{variants.map((variant) => (
					<li key={variant.key}>
						<VariantRow
							file={file}
							variant={variant}
							nameOf={nameOf}
							isOpen={opened === variant.key}
							isFetching={fetching.isFetching}
							onToggle={() => setOpened(opened === variant.key ? undefined : variant.key)}
							onFetch={fetch}
						/>
					</li>
				))}
			</ul>
			{isFetched && <FetchResults fetching={fetching} />}
		</section>
	)
}
