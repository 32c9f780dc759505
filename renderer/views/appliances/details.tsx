import { Button, Drawer, Group, Stack, Text } from "@mantine/core"
import { IconPlugConnected } from "@tabler/icons-react"
import type { ReactNode } from "react"
import type { ApplianceState, ConnectionFacts } from "../../../core/schema/desktop.ts"
import { StopButton } from "../../components/awaited.tsx"
import { Copy } from "../../components/code.tsx"
import { PastNote } from "../../components/past-note.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { Ago } from "../../components/time.tsx"
import { hopsOf, Reach } from "./appliance-table.tsx"
import classes from "./appliances.module.css"

interface DetailsProps {
	appliance: ApplianceState
	testing: boolean
	onTest(appliance: ApplianceState): void
	onStop(appliance: ApplianceState): void
	onClose(): void
}

/** What is known of an appliance and of the connection to it. */
export function Details({ appliance, testing, onTest, onStop, onClose }: DetailsProps) {
	const { facts, lastSeen, lastFailure, notes } = appliance
	return (
		<Drawer opened onClose={onClose} title={appliance.name}>
			<Stack gap="md">
				<Group justify="space-between" gap="sm">
					<span className={classes.standing}>
						<Reach appliance={appliance} testing={testing} />
						{lastSeen ? (
							<span className={classes.soft}>
								seen <Ago time={lastSeen} />
							</span>
						) : (
							<span className={classes.soft}>never seen</span>
						)}
					</span>
					{testing ? (
						<StopButton what={`testing ${appliance.name}`} onStop={() => onStop(appliance)} />
					) : (
						<Button
							variant="default"
							data-autofocus
							leftSection={<IconPlugConnected size={13} />}
							onClick={() => onTest(appliance)}
						>
							Test
						</Button>
					)}
				</Group>
				<PastNote appliance={appliance} />
				{lastFailure && !testing && <ProblemNote failure={lastFailure} />}
				{facts ? (
					<>
						<Facts title="System">
							<Fact name="Host name">{facts.hostname}</Fact>
							<Fact name="Operating system">{facts.os}</Fact>
							<Fact name="Runs on">Node {facts.node}</Fact>
							<Fact name="Rights">{facts.root ? "root" : "not root: only what this account may change"}</Fact>
							<Fact name="After a reboot">
								an open run is put right {facts.systemd ? "by itself (systemd)" : "at the next connection (no systemd)"}
							</Fact>
						</Facts>
						{facts.connection && <Connection appliance={appliance} connection={facts.connection} />}
					</>
				) : (
					<Text size="sm" c="dimmed">
						A test finds out what system it has and how the connection to it is protected.
					</Text>
				)}
				{notes !== "" && (
					<section>
						<h3 className={classes.factsTitle}>Notes</h3>
						<p className={classes.notes}>{notes}</p>
					</section>
				)}
			</Stack>
		</Drawer>
	)
}

function Connection({ appliance, connection }: { appliance: ApplianceState; connection: ConnectionFacts }) {
	const hops = hopsOf(appliance)
	return (
		<Facts title="Last connection">
			<Fact name="Way">{hops.length === 0 ? "straight there" : `via ${hops.join(", then ")}`}</Fact>
			<Fact name="Signed in by">{connection.method}</Fact>
			<Fact name="Host key">
				<span className={classes.print}>
					<code>{connection.fingerprint}</code>
					<Copy text={connection.fingerprint} label="Copy fingerprint" />
				</span>
				<span className={classes.second}>{connection.keyType}</span>
			</Fact>
			<Fact name="Cipher">{connection.cipher}</Fact>
			<Fact name="Key exchange">
				{connection.kex}
				{!isPostQuantum(connection.kex) && (
					<span className={classes.second}>Not post-quantum: who records it today may read it one day.</span>
				)}
			</Fact>
		</Facts>
	)
}

/** Whether a key exchange holds against quantum computers, as far as is known. */
export function isPostQuantum(kex: string): boolean {
	return /mlkem|sntrup/.test(kex)
}

function Facts({ title, children }: { title: string; children: ReactNode }) {
	return (
		<section>
			<h3 className={classes.factsTitle}>{title}</h3>
			<dl className={classes.facts}>{children}</dl>
		</section>
	)
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
	return (
		<>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</>
	)
}
