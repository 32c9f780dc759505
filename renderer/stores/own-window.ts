/** Names this page among all that may be open on the same modules: each keeps drafts of its own. */
export const OWN_WINDOW = crypto.randomUUID()
