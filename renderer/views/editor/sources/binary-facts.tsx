import { useStore } from "zustand"
import { MAX_EDITED_TEXT, type SourceContent } from "../../../../core/schema/library.ts"
import { Copy } from "../../../components/code.tsx"
import { formatBytes } from "../../../components/format.ts"
import { useDocument } from "../context.ts"
import sourceClasses from "./sources.module.css"

/** A file that is no text, or too long a one: what it is, without loading it. */
export function BinaryFacts({ content: { digest, size } }: { content: SourceContent }) {
	const document = useDocument()
	const traits = useStore(document.traits.store, (now) => now.traits.get(digest))
	const isLong = traits?.isText === true && size > MAX_EDITED_TEXT
	const type = isLong ? "text, too long to be edited here" : (traits?.type ?? "unknown")
	return (
		<dl className={sourceClasses.facts}>
			<dt>Type</dt>
			<dd>{type}</dd>
			<dt>Size</dt>
			<dd>
				{formatBytes(size)} <span className={sourceClasses.soft}>({size.toLocaleString("en")} bytes)</span>
			</dd>
			<dt>SHA-256</dt>
			<dd>
				<code className={sourceClasses.digest}>{digest}</code> <Copy text={digest} label="Copy the digest" />
			</dd>
		</dl>
	)
}
