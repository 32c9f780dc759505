import { setOptional } from "../../../../core/schema/document/pool-edits.ts"
import { valueAt } from "../../../../core/schema/document/value.ts"
import { metadataSchema, moduleSchema } from "../../../../core/schema/module.ts"
import { useDocument, useFindings } from "../context.ts"
import classes from "../editor.module.css"
import { FieldFindings } from "../field-findings.tsx"
import { TextField, useValue } from "../fields.tsx"
import { OtherKeys } from "../other-keys.tsx"
import { EnabledSwitch } from "./enabled-switch.tsx"

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
		<section className={classes.form} aria-label="Module">
			<div className={classes.formHead}>
				<h2 className={classes.formTitle}>Module</h2>
				<EnabledSwitch value={at("enabled").value} onChange={enable} />
			</div>
			<div className={classes.formBody}>
				<FieldFindings findings={ofWhole} />
				<FieldFindings findings={findings} />
				<div className={classes.columns}>
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
