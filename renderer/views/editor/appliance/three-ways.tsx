import { Loader, SegmentedControl, Select } from "@mantine/core"
import { useState } from "react"
import type { ComparedSide } from "../../../../core/schema/appliance-compare.ts"
import type { ComparedFile, Variant } from "../../../../core/schema/variants.ts"
import { formatBytes } from "../../../components/format.ts"
import { ProblemNote } from "../../../components/problem.tsx"
import { SideBySide } from "../../../components/side-by-side.tsx"
import classes from "./appliance.module.css"
import { listWords } from "./comparing.ts"
import { type Pair, pairsOf, type Side } from "./pairs.ts"
import { useFileComparison } from "./use-file-comparison.ts"

interface Props {
	file: ComparedFile
	variant: Variant
	/** The one of the variant whose file is shown. */
	applianceId: string
	nameOf(id: string): string
}

/** Our source, the appliance's file, what was applied last, another variant: any two beside each other. */
export function ThreeWays({ file, variant, applianceId, nameOf }: Props) {
	const others = file.variants.filter(({ key, now }) => key !== variant.key && now.state === "file")
	const pairs = pairsOf(file, variant, others.length > 0)
	const [shown, setShown] = useState<string>()
	const [otherKey, setOther] = useState<string>()
	const pair = pairs.find(({ value }) => value === shown) ?? pairs[0]
	const other = others.find(({ key }) => key === otherKey) ?? others[0]
	const otherId = pair?.left === "other" ? other?.appliances[0]?.id : undefined
	const here = useFileComparison(applianceId, file)
	const there = useFileComparison(otherId, file)

	const error = here.error ?? there.error
	if (error !== undefined) return <ProblemNote error={error} />
	if (!here.found || (otherId !== undefined && !there.found))
		return (
			<p className={classes.hint} role="status" aria-label="Reading the file">
				<Loader size="xs" />
			</p>
		)
	const sides: Sides = { ...here.found, other: there.found?.theirs }
	const titles = {
		ours: "Our source",
		theirs: `On ${nameOf(applianceId)}`,
		applied: "Applied last",
		other: otherId === undefined ? "" : `On ${nameOf(otherId)}`,
	}
	const told = (["ours", "other", "theirs", "applied"] as const).filter((side) => side !== "other" || sides.other)
	return (
		<div className={classes.three}>
			<dl className={classes.sides}>
				{told.map((side) => (
					<div key={side}>
						<dt>{titles[side]}</dt>
						<dd>{wordsFor(sides[side], side)}</dd>
					</div>
				))}
			</dl>
			<div className={classes.pairs}>
				{pairs.length > 1 && (
					<SegmentedControl
						aria-label="What to compare"
						size="xs"
						value={pair?.value ?? ""}
						onChange={setShown}
						data={pairs.map(({ value, label }) => ({ value, label }))}
					/>
				)}
				{pair?.left === "other" && others.length > 1 && (
					<Select
						aria-label="The other variant"
						size="xs"
						w={240}
						data={others.map(({ key, appliances }) => ({
							value: key,
							label: listWords(appliances.map(({ id }) => nameOf(id))),
						}))}
						value={other?.key ?? null}
						allowDeselect={false}
						onChange={(key) => key !== null && setOther(key)}
					/>
				)}
			</div>
			{pair ? (
				<PairShown sides={sides} pair={pair} titles={titles} />
			) : (
				<p className={classes.hint}>There is nothing to put beside it: no source, nothing applied, no other variant.</p>
			)}
		</div>
	)
}

type Sides = Partial<Record<Side, ComparedSide | undefined>>

function PairShown({ sides, pair, titles }: { sides: Sides; pair: Pair; titles: Record<Side, string> }) {
	const { left, right } = pair
	const [one, other] = [sides[left], sides[right]]
	if (one?.text !== undefined && other?.text !== undefined)
		return <SideBySide left={one.text} right={other.text} leftTitle={titles[left]} rightTitle={titles[right]} />
	if (one?.digest !== undefined && one.digest === other?.digest)
		return <p className={classes.hint}>Both are the same.</p>
	return (
		<p className={classes.hint}>
			{titles[left]}: {wordsFor(one, left)}. {titles[right]}: {wordsFor(other, right)}. They cannot be shown line by
			line.
		</p>
	)
}

function wordsFor(side: ComparedSide | undefined, which: Side): string {
	if (!side) return which === "applied" ? "nothing was applied by us" : "there is none"
	if (side.size === undefined) return "its content is not kept any more"
	const digest = side.digest === undefined ? "" : `, ${side.digest.slice(0, 12)}`
	return `${formatBytes(side.size)}${side.text === undefined ? ", no text or too long" : ""}${digest}`
}
