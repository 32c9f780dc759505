import { useState } from "react"
import type { ComparedFile, Variant } from "../../../../core/schema/appliance-compare.ts"
import { sentenceOf } from "../../../../core/schema/sentences.ts"
import { Path } from "../../../components/code.tsx"
import { count, formatBytes } from "../../../components/format.ts"
import classes from "./appliance.module.css"
import { ThreeWays } from "./three-ways.tsx"

interface Props {
	file: ComparedFile
	nameOf(id: string): string
}

/** A destination and the variants in which it stands; each opens beside our source. */
export function ComparedFileRow({ file, nameOf }: Props) {
	const [opened, setOpened] = useState<string>()
	const { destination, target, variants, ours } = file
	return (
		<section aria-label={destination} className={classes.file}>
			<h3 className={classes.destination}>
				<Path path={destination} />
				<span className={classes.link}>{ours ? `from src/${target}` : `src/${target} is missing`}</span>
				{variants.length > 1 && <span className={classes.link}>{variants.length} variants</span>}
			</h3>
			<ul className={classes.variants} aria-label={`Variants of ${destination}`}>
				{variants.map((variant) => {
					const first = variant.appliances[0]?.id ?? ""
					const isOpen = opened === first
					return (
						<li key={first}>
							<button
								type="button"
								className={classes.variant}
								aria-expanded={isOpen}
								disabled={variant.now.state === "refused"}
								onClick={() => setOpened(isOpen ? undefined : first)}
							>
								<strong>{count(variant.appliances.length, "appliance")}</strong>
								<span>{wordsOf(variant)}</span>
								<span className={classes.name}>{variant.appliances.map(({ id }) => nameOf(id)).join(", ")}</span>
							</button>
							{isOpen && (
								<ThreeWays applianceId={first} name={nameOf(first)} target={target} destination={destination} />
							)}
						</li>
					)
				})}
			</ul>
		</section>
	)
}

/** How a variant stands to our source and to what was applied last. */
export function wordsOf({ now, isOurs, appliances }: Variant): string {
	if (now.state === "absent") return "not there"
	if (now.state === "refused") return sentenceOf(now.failure).what
	if (isOurs) return "the same as our source"
	const applied = appliances.map((one) => one.applied?.digest)
	const ours = applied.filter((digest) => digest !== undefined)
	const isApplied = ours.length === appliances.length && ours.every((digest) => digest === now.digest)
	const what = isApplied
		? "as it was applied last"
		: ours.length > 0
			? "changed since it was applied"
			: "never applied by us"
	return `differs from our source, ${what}, ${formatBytes(now.size)}`
}
