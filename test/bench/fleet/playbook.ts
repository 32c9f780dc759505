import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { timeProgram } from "../run-program.ts"
import { type Proof, pools } from "./module.ts"

export interface PlaybookHosts {
	hosts: { name: string; host: string; port: number }[]
	identity: string
	knownHosts: string
	/** The module's folder. */
	module: string
	proof: Proof
	/** Hosts that are worked on at the same time. */
	forks: number
}

/**
 * The same work as an Ansible playbook: each pool a block whose rescue puts its files back. Tuned as its manual says: no
 * facts gathered, pipelining, and a connection that is kept within the playbook.
 */
export async function createPlaybook(
	folder: string,
	{ hosts, identity, knownHosts, module, proof, forks }: PlaybookHosts,
) {
	const file = join(folder, "playbook.json")
	const inventory = join(folder, "inventory")
	const config = join(folder, "ansible.cfg")
	const play = {
		hosts: "all",
		gather_facts: false,
		tasks: [...pools.map(blockOf(proof)), ...proof.finalClosure.map(shell)],
	}
	// JSON is YAML.
	await writeFile(file, JSON.stringify([play]))
	const common = `ansible_user=root ansible_ssh_private_key_file=${identity} ansible_python_interpreter=/usr/bin/python3`
	await writeFile(
		inventory,
		hosts.map(({ name, host, port }) => `${name} ansible_host=${host} ansible_port=${port} ${common}\n`).join(""),
	)
	const ssh = `-o ControlMaster=auto -o ControlPersist=5s -o UserKnownHostsFile=${knownHosts}`
	await writeFile(
		config,
		`[defaults]\nretry_files_enabled = false\n[ssh_connection]\npipelining = true\nssh_args = ${ssh}\ncontrol_path_dir = ${folder}/cp\n`,
	)
	const variables = JSON.stringify({ module })
	return {
		time: () =>
			timeProgram("env", [
				`ANSIBLE_CONFIG=${config}`,
				"ansible-playbook",
				"-f",
				String(forks),
				"-i",
				inventory,
				"-e",
				variables,
				file,
			]),
		/** The kept connection, so that the next one is made anew as everybody else's. */
		forget: () =>
			timeProgram("sh", [
				"-c",
				'for c in "$1"/cp/*; do [ -S "$c" ] && ssh -O exit -o ControlPath="$c" x; done; true',
				"sh",
				folder,
			]),
	}
}

const shell = (command: string) => ({ "ansible.builtin.shell": command })

const blockOf =
	({ closureOf }: Proof) =>
	(pool: (typeof pools)[number]) => {
		const { id, destination, files } = pool
		const kept = `/srv/bench/kept-${id}`
		const copy = (from: string, to: string, more: object) => ({
			"ansible.builtin.copy": { src: `${from}/{{ item }}`, dest: `${to}/{{ item }}`, ...more },
			loop: files,
		})
		return {
			block: [
				{ "ansible.builtin.file": { path: kept, state: "directory" } },
				copy(destination, kept, { remote_src: true }),
				copy("{{ module }}/src", destination, {}),
				shell(closureOf(pool).join(" && ")),
			],
			rescue: [
				copy(kept, destination, { remote_src: true }),
				{ "ansible.builtin.fail": { msg: `${id} was put back` } },
			],
		}
	}
