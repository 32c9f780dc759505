import { z } from "zod"

// Schemas decide when they are made whether to compile themselves with `new Function`, which the content security
// policy forbids: this module must be imported before any schema.
z.config({ jitless: true })
