import type { ContractRouterClient } from "@orpc/contract"
import type { contract } from "../../core/protocol/contract.ts"

/** The desktop's services as the interface calls them. */
export type Api = ContractRouterClient<typeof contract>
