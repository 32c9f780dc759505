import { Button, Loader } from "@mantine/core"
import { IconBook2, IconPlus, IconRefresh, IconSignature } from "@tabler/icons-react"
import { useId, useState } from "react"
import type { SigningKey } from "../../../core/schema/signing.ts"
import { Empty } from "../../components/empty.tsx"
import { count } from "../../components/format.ts"
import { Panel, ViewHead } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { hashOf } from "../../stores/route.ts"
import { useKeys } from "../shell/shortcuts.tsx"
import { KeyTable } from "./key-table.tsx"
import { MakeDialog } from "./make-dialog.tsx"
import { Obstacles, WhereKeysAre } from "./notes.tsx"
import { RemoveKey, StopSigning } from "./questions.tsx"
import classes from "./signing.module.css"
import { useSigning } from "./use-signing.ts"

type Asked = { about: "make" } | { about: "stop" | "remove"; key: SigningKey }

/** Which keys sign what is published on this desktop. */
export function SigningView() {
	const signing = useSigning()
	const [asked, setAsked] = useState<Asked>()
	const [refusal, setRefusal] = useState<unknown>()
	const why = useId()
	const { now, error, look } = signing
	const canMake = now !== undefined && now.noKeychain === undefined
	const make = () => canMake && setAsked({ about: "make" })
	useKeys({ n: make })
	const sign = (key: SigningKey) => {
		setRefusal(undefined)
		signing.choose(key.key, true).catch(setRefusal)
	}
	const acts = {
		onSign: sign,
		onStop: (key: SigningKey) => setAsked({ about: "stop", key }),
		onRemove: (key: SigningKey) => setAsked({ about: "remove", key }),
	}
	const signers = now?.keys.filter(({ signs }) => signs) ?? []
	const others = now?.keys.filter(({ signs }) => !signs) ?? []
	const close = () => setAsked(undefined)
	return (
		<div className={classes.view}>
			<ViewHead
				title="Signing keys"
				note="Every version that is published on this desktop is signed by each of them"
				actions={
					<>
						<Button
							component="a"
							variant="default"
							leftSection={<IconBook2 size={15} />}
							href={hashOf({ view: "help", page: "signing" })}
						>
							How signing works
						</Button>
						<Button
							variant="default"
							leftSection={<IconRefresh size={15} />}
							loading={signing.isLooking}
							onClick={() => void look()}
						>
							Look again
						</Button>
						<Button
							leftSection={<IconPlus size={15} />}
							disabled={!canMake}
							aria-describedby={canMake ? undefined : why}
							onClick={make}
							title="n"
						>
							Make a key
						</Button>
					</>
				}
			/>
			{(refusal ?? error) !== undefined && <ProblemNote error={refusal ?? error} onRetry={() => void look()} />}
			{!now && error === undefined && <Loader size="sm" />}
			{now && <Obstacles keys={signers} now={now} />}
			{now && (
				<Panel
					label="Keys that sign"
					title="These keys sign"
					note={<span role="status">{signers.length === 0 ? "none" : count(signers.length, "key")}</span>}
				>
					{signers.length > 0 ? (
						<KeyTable label="Keys that sign" keys={signers} now={now} {...acts} />
					) : (
						<NothingSigned />
					)}
				</Panel>
			)}
			{now && others.length > 0 && (
				<Panel
					label="Keys that could sign"
					title="Other keys here"
					note="that the SSH agent holds, or that the app made"
				>
					<KeyTable label="Keys that could sign" keys={others} now={now} {...acts} />
				</Panel>
			)}
			{now && <WhereKeysAre now={now} id={why} />}
			{asked?.about === "make" && <MakeDialog make={signing.make} onClose={close} />}
			{asked?.about === "stop" && (
				<StopSigning asked={asked.key} signers={signers} act={signing.choose} onClose={close} />
			)}
			{asked?.about === "remove" && <RemoveKey asked={asked.key} act={signing.remove} onClose={close} />}
		</div>
	)
}

function NothingSigned() {
	return (
		<div className={classes.empty}>
			<Empty icon={<IconSignature />} title="Nothing is signed">
				An appliance whose owner keeps a list of trusted keys runs only versions that one of them signed; every other
				appliance runs unsigned ones, too. To sign, choose a key that your SSH agent holds, or make one that the app
				keeps in the system's keychain. Then copy its line into the appliances' /etc/hotfix/trusted-keys.
			</Empty>
		</div>
	)
}
