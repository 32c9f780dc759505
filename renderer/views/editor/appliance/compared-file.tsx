import { useState } from "react"
import type { ComparedFile } from "../../../../core/schema/appliance-compare.ts"
import { Path } from "../../../components/code.tsx"
import { count } from "../../../components/format.ts"
import classes from "./appliance.module.css"
import { ThreeWays } from "./three-ways.tsx"
import { wordsOf } from "./variant-words.ts"

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
