import { z } from "zod"

/**
 * Everything that can go wrong between a person and an appliance, as data. Words for people are made from it in one
 * place, `sentences.ts`; nothing else writes error texts for these. Which facts each takes: `FailureData` in
 * `failure-data.ts`.
 */
export const failureCodeSchema = z.enum([
	// module
	"module-unreadable",
	"module-faulty",
	// the library
	"name-taken",
	"source-refused",
	"changed-meanwhile",
	"changes-unpublished",
	"repository-unusable",
	"version-published",
	"version-unknown",
	"tag-changed",
	"cannot-sign",
	"keychain-unusable",
	// reaching an appliance
	"name-not-found",
	"refused",
	"unreachable",
	"timed-out",
	"not-ssh",
	"connection-lost",
	"host-key-unknown",
	"host-key-changed",
	"host-key-revoked",
	"authentication-failed",
	"too-many-authentication-failures",
	"passphrase-needed",
	"passphrase-wrong",
	"key-unreadable",
	"password-needed",
	"no-common-algorithm",
	"channel-refused",
	"jump-refused",
	"ssh-config-unreadable",
	// becoming root there
	"sudo-password-needed",
	"sudo-refused",
	"needs-root",
	// the runner there
	"no-suitable-runtime",
	"disk-full",
	"read-only",
	"no-exec",
	"not-permitted",
	"upload-damaged",
	"runner-incompatible",
	"runner-failed",
	// the run
	"busy",
	"refused-downgrade",
	"refused-same-version",
	"module-disabled",
	"module-not-trusted",
	"trusted-keys-unusable",
	"unknown-pool",
	"unknown-run",
	"not-waiting",
	"destination-changed",
	"plan-changed",
	"file-unreadable",
	"state-unsafe",
	"state-damaged",
	// this program
	"database-damaged",
	"database-newer",
	"bad-request",
	"not-found",
	"cancelled",
	"internal",
])
export type FailureCode = z.infer<typeof failureCodeSchema>

/** A failure with the facts its sentence needs (host, port, fingerprint, path ...). Never holds a secret. */
export const failureSchema = z.object({
	code: failureCodeSchema,
	data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])).default({}),
	findings: z.array(z.unknown()).optional(),
})
export type Failure = {
	code: FailureCode
	data: Record<string, string | number | boolean | string[]>
	findings?: unknown[]
}

/** A failure as an exception, for code that has no other way out. `message` is for logs; people get `sentences.ts`. */
export class FailureError extends Error {
	readonly failure: Failure
	constructor(code: FailureCode, data: Failure["data"] = {}, options?: { cause?: unknown; findings?: unknown[] }) {
		super(`${code} ${JSON.stringify(data)}`, { cause: options?.cause })
		this.name = "FailureError"
		this.failure = options?.findings ? { code, data, findings: options.findings } : { code, data }
	}
}
