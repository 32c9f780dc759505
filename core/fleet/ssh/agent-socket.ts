/** Where the agent of this account listens; undefined where none is known. */
export function agentSocket(): string | undefined {
	// biome-ignore lint/complexity/useLiteralKeys: an environment variable
	return process.env["SSH_AUTH_SOCK"] || (process.platform === "win32" ? "\\\\.\\pipe\\openssh-ssh-agent" : undefined)
}
