import { ActionIcon, CopyButton, Tooltip } from "@mantine/core"
import { IconCheck, IconCopy } from "@tabler/icons-react"
import classes from "./code.module.css"

/** Copies a text; says so. */
export function Copy({ text, label }: { text: string; label: string }) {
	return (
		<CopyButton value={text} timeout={1500}>
			{({ copied, copy }) => (
				<Tooltip label={copied ? "Copied" : label}>
					<ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={copied ? "Copied" : label}>
						{copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
					</ActionIcon>
				</Tooltip>
			)}
		</CopyButton>
	)
}

/** Shell commands in their order, as they are run. */
export function Commands({ commands, label }: { commands: string[]; label: string }) {
	return (
		<ol className={classes.commands} aria-label={label}>
			{commands.map((command, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: the same command may stand twice, its place is its identity
				<li key={index}>
					<code>{command}</code>
				</li>
			))}
		</ol>
	)
}

/** A path whose end, the telling part, stays readable when there is little room. */
export function Path({ path }: { path: string }) {
	const cut = path.lastIndexOf("/") + 1
	return (
		<code className={classes.path} title={path}>
			<span className={classes.folder}>{path.slice(0, cut)}</span>
			<span className={classes.file}>{path.slice(cut)}</span>
		</code>
	)
}
