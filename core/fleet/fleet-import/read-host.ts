import type { Become, SignIn } from "../../schema/appliance.ts"
import type { Said } from "../../schema/fleet-import.ts"
import { quoted } from "../../schema/plain-text.ts"
import type { Problems } from "./problems.ts"
import { isOnHostKeys, type ReadSshOptions } from "./ssh-options.ts"

/** A value of a variable; `opaque` where it is not text that stands there: `vault`, `a list`. */
export interface Value {
	line: number
	text: string
	opaque?: string
	/** Said to be no template, whatever it looks like. */
	isPlain?: boolean
}
/** Only what is read of a host is kept: a group's others would be carried by each of its hosts. */
export type Vars = Map<HostVar, Value>

/** Other ways to go, and the ones that are SSH. */
const SSH_CONNECTIONS: ReadonlySet<string> = new Set([
	"ssh",
	"smart",
	"paramiko",
	"paramiko_ssh",
	"ansible.builtin.ssh",
])
const SECRETS = ["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"] as const
const BECOME_SECRETS = [
	"ansible_become_password",
	"ansible_become_pass",
	"ansible_sudo_pass",
	"ansible_ssh_private_key_passphrase",
] as const
/** In the order in which ssh is given them. */
const SSH_ARGUMENTS = ["ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"] as const
/** Characters of one of those: nobody writes as many by hand. */
const MAX_SSH_OPTIONS = 4000
const HOST_VARS = [
	"ansible_connection",
	"ansible_port",
	"ansible_ssh_port",
	"ansible_user",
	"ansible_ssh_user",
	"ansible_host",
	"ansible_ssh_host",
	"ansible_ssh_private_key_file",
	"ansible_private_key_file",
	"ansible_become",
	"ansible_sudo",
	"ansible_become_method",
	"ansible_become_user",
	"ansible_sudo_user",
	"hotfix_name",
	"hotfix_sign_in",
	"hotfix_notes",
	...SECRETS,
	...BECOME_SECRETS,
	...SSH_ARGUMENTS,
] as const
export type HostVar = (typeof HOST_VARS)[number]
const READ: ReadonlySet<string> = new Set(HOST_VARS)

/** Whether a variable says something of a host here. */
export const isHostVar = (name: string): name is HostVar => READ.has(name)

/** One for all hosts of an inventory. */
interface Tools {
	problems: Problems
	readSshOptions: ReadSshOptions
}

/** What an inventory says of one host; undefined where it cannot be told, which is told. Nothing is guessed. */
export function readHost(name: string, vars: Vars, tools: Tools): Said | undefined {
	const { problems } = tools
	let isSound = true
	const refuse = (value: Value, why: string) => {
		problems.add(value.line, `${quoted(name)} is left out: ${why}`)
		isSound = false
	}
	// Of several names the longer one counts, as for Ansible's own connection.
	const first = (...names: HostVar[]) => {
		const key = names.find((one) => vars.has(one))
		const value = key === undefined ? undefined : vars.get(key)
		if (value === undefined) return undefined
		const why = whyUnread(value)
		if (why === undefined) return value
		refuse(value, `${key} is ${why}, which is not understood here`)
		return undefined
	}
	const connection = first("ansible_connection")
	if (connection && !SSH_CONNECTIONS.has(connection.text))
		refuse(connection, `it is reached by ${quoted(connection.text)}, not by SSH`)
	const port = first("ansible_ssh_port", "ansible_port")
	if (port && !/^\d{1,5}$/.test(port.text)) refuse(port, `port ${quoted(port.text)} is no number`)
	const jump = readJump(first, refuse, tools)
	const become = readBecome(first, refuse)
	const key = first("ansible_ssh_private_key_file", "ansible_private_key_file")
	const [user, host] = [first("ansible_ssh_user", "ansible_user"), first("ansible_ssh_host", "ansible_host")]
	for (const secret of BECOME_SECRETS.flatMap((one) => vars.get(one) ?? []))
		problems.add(secret.line, `${quoted(name)}: a secret is not imported; it is asked for when it is needed`)
	const password = SECRETS.flatMap((one) => vars.get(one) ?? [])[0]
	if (password)
		problems.add(password.line, `${quoted(name)}: the password is not imported; it is asked for when it is needed`)
	const asked = first("hotfix_sign_in")
	if (asked && asked.text !== "password") refuse(asked, `hotfix_sign_in ${quoted(asked.text)} is not password`)
	const signIn: SignIn | undefined = key
		? { method: "key", path: key.text }
		: (password ?? asked) && { method: "password" }
	const [shown, notes] = [first("hotfix_name"), readNotes(name, vars, problems)]
	if (!isSound) return undefined
	return {
		name: shown?.text ?? name,
		host: host?.text ?? name,
		...(port && { port: Number(port.text) }),
		...(user && { user: user.text }),
		...(signIn && { signIn }),
		...(become && { become }),
		...(jump !== undefined && { jump }),
		...(notes !== undefined && { notes }),
	}
}

/** What stands there instead of plain text. */
function whyUnread({ text, opaque, isPlain }: Value): string | undefined {
	return opaque ?? (!isPlain && /\{\{|\{%|\{#/.test(text) ? "a template" : undefined)
}

/** Notes decide nothing: without those that are not understood the host is the same. */
function readNotes(name: string, vars: Vars, problems: Problems): string | undefined {
	const notes = vars.get("hotfix_notes")
	const why = notes && whyUnread(notes)
	if (!notes || why === undefined) return notes?.text
	problems.add(notes.line, `${quoted(name)}: its notes are left out: hotfix_notes is ${why}`)
	return undefined
}

type First = (...names: HostVar[]) => Value | undefined
type Refuse = (value: Value, why: string) => void

function readBecome(first: First, refuse: Refuse): Become | undefined {
	const [wanted, method, user] = [
		first("ansible_become", "ansible_sudo"),
		first("ansible_become_method"),
		first("ansible_become_user", "ansible_sudo_user"),
	]
	if (!wanted) return undefined
	if (/^(false|no|off|0|n|f)$/i.test(wanted.text)) return "none"
	if (!/^(true|yes|on|1|y|t)$/i.test(wanted.text)) {
		refuse(wanted, `${quoted(wanted.text)} is neither yes nor no`)
		return undefined
	}
	if (user && user.text !== "root") refuse(user, `it becomes ${quoted(user.text)}, not root`)
	const how = method?.text.replace(/^(ansible\.builtin|community\.general)\./, "") ?? "sudo"
	if (how === "sudo" || how === "doas") return how
	if (method) refuse(method, `it becomes root by ${quoted(method.text)}; sudo and doas are known here`)
	return undefined
}

/** The jump hosts that options of ssh name; which of these were passed over is told. */
function readJump(first: First, refuse: Refuse, { problems, readSshOptions }: Tools): string | undefined {
	const jumps = new Set<string>()
	for (const value of SSH_ARGUMENTS.flatMap((one) => first(one) ?? [])) {
		if (value.text.length > MAX_SSH_OPTIONS) {
			refuse(value, `options of ssh are longer than ${MAX_SSH_OPTIONS} characters`)
			continue
		}
		const { jump, passedOver } = readSshOptions(value.text) ?? {}
		if (jump !== undefined) jumps.add(jump)
		if (!passedOver || jumps.size > 1) refuse(value, `${quoted(value.text)} is not understood`)
		else tellPassedOver([...passedOver], value.line, problems)
	}
	return [...jumps][0]
}

function tellPassedOver(names: string[], line: number, problems: Problems): void {
	const onHostKeys = names.filter(isOnHostKeys)
	const others = names.filter((name) => !isOnHostKeys(name))
	if (others.length > 0) problems.note(line, `options of ssh are passed over: ${others.join(", ")}`)
	if (onHostKeys.length > 0)
		problems.note(line, `host keys are checked here as ever; options of ssh are passed over: ${onHostKeys.join(", ")}`)
}
