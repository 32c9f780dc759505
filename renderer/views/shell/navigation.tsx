import { IconHelp, IconHistory, IconPackages, IconPlayerPlay, IconServer2, IconStack2 } from "@tabler/icons-react"
import { useRoute } from "../../stores/context.ts"
import { hashOf, type Route } from "../../stores/route.ts"
import classes from "./shell.module.css"

const items = [
	{ route: { view: "run" }, label: "Run", icon: IconPlayerPlay, views: ["run", "live"] },
	{ route: { view: "modules" }, label: "Modules", icon: IconPackages, views: ["modules", "module", "signing"] },
	{ route: { view: "appliances" }, label: "Appliances", icon: IconServer2, views: ["appliances"] },
	{
		route: { view: "rollouts" },
		label: "Rollouts",
		icon: IconStack2,
		views: ["rollouts", "new-rollout", "rollout"],
	},
	{ route: { view: "history" }, label: "History", icon: IconHistory, views: ["history", "record"] },
	{ route: { view: "help" }, label: "Help", icon: IconHelp, views: ["help"] },
] satisfies { route: Route; label: string; icon: typeof IconHistory; views: Route["view"][] }[]

export function Navigation() {
	const { view } = useRoute()
	return (
		<nav className={classes.nav} aria-label="Views">
			{items.map(({ route, label, icon: Icon, views }) => (
				<a
					key={label}
					href={hashOf(route)}
					className={classes.navItem}
					aria-current={(views as string[]).includes(view) ? "page" : undefined}
				>
					<Icon size={20} stroke={1.7} aria-hidden />
					{label}
				</a>
			))}
		</nav>
	)
}
