import { sentence } from "../../../core/schema/phrases.ts"
import type { SigningKey, SigningKeys } from "../../../core/schema/signing.ts"
import { holderWords } from "../../../core/schema/signing-words.ts"
import { count } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { problemOfFailure } from "../../rpc/problem.ts"
import classes from "./signing.module.css"

/** What keeps versions from being published: each key signs, or nothing is. */
export function Obstacles({ keys, now }: { keys: SigningKey[]; now: SigningKeys }) {
	const stuck = keys.filter((key) => holderWords(key, now).obstacle !== undefined)
	if (stuck.length === 0) return null
	return (
		<Note tone="warn" title={`Nothing can be published here now: ${count(stuck.length, "key")} cannot sign.`}>
			A version is signed by all of these keys, or it is not published. Make each ready, or stop signing by it.
		</Note>
	)
}

/** Where keys could come from, and why they do not. `id` of what says that none can be made. */
export function WhereKeysAre({ now, id }: { now: SigningKeys; id: string }) {
	const { agentProblem, noKeychain, unfit, damaged } = now
	const made = noKeychain && problemOfFailure({ code: "keychain-unusable", data: { reason: noKeychain } })
	return (
		<div className={classes.notes}>
			{damaged.length > 0 && (
				<Note tone="warn" title={`${count(damaged.length, "kept key")} cannot be read.`}>
					{damaged.join(", ")}
				</Note>
			)}
			{agentProblem !== undefined && (
				<Note tone="mute" title={sentence(agentProblem)}>
					The keys of an SSH agent can sign, too: start one, give it a key with ssh-add, and start this program from
					there.
				</Note>
			)}
			{agentProblem === undefined && unfit > 0 && (
				<Note tone="mute" title={`The agent holds ${count(unfit, "other key")}.`}>
					Modules are signed by Ed25519 keys only, not by RSA or ECDSA keys, and not by keys of a security token (sk).
				</Note>
			)}
			{made && (
				<div id={id}>
					<Note tone="mute" title={made.what}>
						{made.next}
					</Note>
				</div>
			)}
		</div>
	)
}
