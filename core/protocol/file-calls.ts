import { z } from "zod"
import {
	fileFactsSchema,
	fileIdentitySchema,
	folderPageSchema,
	MAX_FOLDER_PAGE,
	seenDestinationSchema,
} from "../schema/appliance-files.ts"
import { digestSchema } from "../schema/manifest.ts"

/** Bytes of one piece: a JSON message with it stays within one frame. */
export const MAX_FILE_PIECE = 512 * 1024
/** Destinations of one `statFiles`. */
export const MAX_STATED_FILES = 1000

const pathSchema = z
	.string()
	.max(4096)
	.regex(/^\/[^\0]*$/, "an absolute path")
const position = z.number().int().nonnegative()
const length = z.number().int().min(1).max(MAX_FILE_PIECE)
const bytes = z.base64().max(Math.ceil(MAX_FILE_PIECE / 3) * 4)

export const folderRequestSchema = z.object({
	path: pathSchema,
	/** Only names that hold this text, whatever its case. */
	search: z.string().max(255).optional(),
	/** The page after this name. */
	after: z.string().max(4096).optional(),
	limit: z.number().int().min(1).max(MAX_FOLDER_PAGE).optional(),
})
export type FolderRequest = z.infer<typeof folderRequestSchema>

export const pieceRequestSchema = z.object({
	path: pathSchema,
	position,
	length,
	/** The file as the piece before saw it; fails with `changed-meanwhile` where it is another by now. */
	seen: fileIdentitySchema.optional(),
})
export type PieceRequest = z.infer<typeof pieceRequestSchema>

const filePieceSchema = z.object({
	...fileFactsSchema.shape,
	/** Where it really lies, links followed. */
	realPath: z.string().max(8192),
	seen: fileIdentitySchema,
	/** Base64. */
	bytes,
	isEnd: z.boolean(),
})
export type FilePiece = z.infer<typeof filePieceSchema>

export const contentRequestSchema = z.object({ digest: digestSchema, position, length })
export type ContentRequest = z.infer<typeof contentRequestSchema>

const contentPieceSchema = z.object({ bytes, isEnd: z.boolean() })
export type ContentPiece = z.infer<typeof contentPieceSchema>

/** The calls that look at an appliance's files. None of them writes anything or follows a file into a pipe or device. */
export const fileCalls = {
	listFolder: { input: folderRequestSchema, output: folderPageSchema },
	readFile: { input: pieceRequestSchema, output: filePieceSchema },
	/** What a pool applied or replaced, by its digest, while it is still kept; fails with `not-found`. */
	readContent: { input: contentRequestSchema, output: contentPieceSchema },
	statFiles: {
		input: z.object({ destinations: z.array(pathSchema).max(MAX_STATED_FILES) }),
		output: z.object({ files: z.array(seenDestinationSchema).max(MAX_STATED_FILES) }),
	},
} as const
