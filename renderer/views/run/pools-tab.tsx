import { Checkbox } from "@mantine/core"
import { IconArrowRight } from "@tabler/icons-react"
import type { OpenModule } from "../../../core/schema/desktop.ts"
import { normalTarget } from "../../../core/schema/manifest.ts"
import { DEFAULT_TIMEOUT_SECONDS, type Module, type Operation, type Pool } from "../../../core/schema/module.ts"
import { Commands, Path } from "../../components/code.tsx"
import { count, formatBytes } from "../../components/format.ts"
import { useApp, useWorkspace } from "../../stores/context.ts"
import classes from "./run.module.css"

/** Every pool in its order: what is copied where, and the commands that prove it. */
export function PoolsTab({ opened, module }: { opened: OpenModule; module: Module }) {
	const { workspace } = useApp()
	const chosen = useWorkspace((now) => now.pools)
	const toggle = (pool: Pool, checked: boolean) =>
		workspace.choose({
			pools: module.pools.map((one) => one.id).filter((id) => (id === pool.id ? checked : chosen.includes(id))),
		})
	return (
		<div className={classes.pools}>
			{module.pools.map((pool, index) => (
				<PoolBlock
					key={pool.id}
					pool={pool}
					number={index + 1}
					sources={opened.sources}
					checked={chosen.includes(pool.id)}
					onToggle={(checked) => toggle(pool, checked)}
				/>
			))}
			<section className={classes.pool} aria-label="Final closure">
				<div className={classes.poolHead}>
					<div>
						<h3 className={classes.poolName}>Final closure</h3>
						<p className={classes.poolText}>
							Proves the whole system, once every pool stands applied. When it fails, nothing is rolled back.
						</p>
					</div>
				</div>
				<div className={classes.poolBody}>
					{module.finalClosure.length > 0 ? (
						<Commands commands={module.finalClosure} label="Final closure" />
					) : (
						<p className={classes.poolText}>This module has none.</p>
					)}
				</div>
			</section>
		</div>
	)
}

interface PoolBlockProps {
	pool: Pool
	number: number
	sources: OpenModule["sources"]
	checked: boolean
	onToggle(checked: boolean): void
}

function PoolBlock({ pool, number, sources, checked, onToggle }: PoolBlockProps) {
	return (
		<section className={classes.pool} aria-label={`Pool ${pool.id}`} data-off={!checked || undefined}>
			<div className={classes.poolHead}>
				<Checkbox
					checked={checked}
					disabled={!pool.enabled}
					onChange={(event) => onToggle(event.currentTarget.checked)}
					aria-label={`Run pool ${pool.id}`}
				/>
				<div className={classes.poolTitles}>
					<h3 className={classes.poolName}>
						<span className={classes.poolNumber}>{number}</span> {pool.id}
					</h3>
					{pool.description && <p className={classes.poolText}>{pool.description}</p>}
				</div>
				<span className={classes.poolFacts}>{factsOf(pool).join(" · ")}</span>
			</div>
			<div className={classes.poolBody}>
				<ul className={classes.operations}>
					{pool.operations.map((operation) => (
						<OperationRow key={operation.destination} operation={operation} sources={sources} />
					))}
				</ul>
				{pool.checks.length > 0 && (
					<>
						<h4 className={classes.small}>Checks, before and after</h4>
						<Commands commands={pool.checks} label={`Checks of ${pool.id}`} />
					</>
				)}
				<h4 className={classes.small}>Closure</h4>
				<Commands commands={pool.closure} label={`Closure of ${pool.id}`} />
			</div>
		</section>
	)
}

function factsOf(pool: Pool): string[] {
	const facts = [count(pool.operations.length, "file")]
	if (!pool.enabled) facts.push("disabled")
	if (pool.timeoutSeconds !== DEFAULT_TIMEOUT_SECONDS) facts.push(`${pool.timeoutSeconds} s a command`)
	if (pool.confirmSeconds !== undefined) facts.push(`confirmed within ${pool.confirmSeconds} s`)
	return facts
}

function OperationRow({ operation, sources }: { operation: Operation; sources: OpenModule["sources"] }) {
	const target = normalTarget(operation.target)
	const source = sources.find((one) => one.target === target)
	const { owner, group, mode } = operation.permissions ?? {}
	const ownership = owner === undefined && group === undefined ? undefined : `${owner ?? ""}:${group ?? ""}`
	return (
		<li className={classes.operation}>
			<code className={classes.target}>{target}</code>
			<IconArrowRight size={13} className={classes.arrow} aria-label="to" />
			<Path path={operation.destination} />
			<span className={classes.operationFacts}>
				{[source && formatBytes(source.size), mode, ownership].filter(Boolean).join(" · ")}
			</span>
		</li>
	)
}
