import { setOptional } from "../../../../core/schema/document/pool-edits.ts"
import { valueAt } from "../../../../core/schema/document/value.ts"
import { metadataSchema, moduleSchema } from "../../../../core/schema/module.ts"
import { useDocument, useFindings } from "../context.ts"
import { FieldFindings } from "../field-findings.tsx"
import { TextField, useValue } from "../fields.tsx"
import { OtherKeys } from "../other-keys.tsx"
import panes from "../panes.module.css"
import { EnabledSwitch } from "./enabled-switch.tsx"
import own from "./pools.module.css"

/** What the module says of itself. */
export function ModuleForm() {
	const document = useDocument()
	const metadata = useValue((value) => valueAt(value, ["metadata"]))
	const whole = useValue((value) => value)
	const findings = useFindings(["metadata"])
	const ofWhole = useFindings([])
	const at = (key: string) => ({ path: ["metadata", key], value: valueAt(metadata, [key]) })
	const enable = (isOn: boolean) =>
		document.act(
			setOptional(["metadata", "enabled"], isOn ? undefined : false, `${isOn ? "enable" : "disable"} the module`),
		)
	return (
		<section className={panes.form} aria-label="Module">
			<div className={panes.formHead}>
				<h2 className={panes.formTitle}>Module</h2>
				<EnabledSwitch value={at("enabled").value} onChange={enable} />
			</div>
			<div className={own.formBody}>
				<FieldFindings findings={ofWhole} />
				<FieldFindings findings={findings} />
				<div className={own.columns}>
					<TextField label="Version" hint="the next one is proposed when you publish" {...at("schema_version")} mono />
					<TextField label="Priority" hint="optional, for the update orchestrator" {...at("priority")} optional />
				</div>
				<TextField label="Description" {...at("description")} multiline />
				<OtherKeys path={["metadata"]} value={metadata} known={Object.keys(metadataSchema.shape)} />
				<OtherKeys path={[]} value={whole} known={Object.keys(moduleSchema.shape)} />
			</div>
		</section>
	)
}
