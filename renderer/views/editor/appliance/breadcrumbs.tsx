import { Fragment } from "react"
import classes from "./appliance.module.css"

/** The folders on the way to a path, each with its own. */
export function crumbsOf(path: string): { name: string; path: string }[] {
	const parts = path.split("/").filter((part) => part !== "")
	const folders = parts.map((name, index) => ({ name, path: `/${parts.slice(0, index + 1).join("/")}` }))
	return [{ name: "/", path: "/" }, ...folders]
}

export function Breadcrumbs({ path, onGo }: { path: string; onGo(path: string): void }) {
	const crumbs = crumbsOf(path)
	return (
		<nav aria-label="Folder" className={classes.crumbs}>
			{crumbs.map((crumb, index) => (
				<Fragment key={crumb.path}>
					{index > 1 && <span aria-hidden>/</span>}
					<button
						type="button"
						aria-current={index === crumbs.length - 1 ? "location" : undefined}
						onClick={() => onGo(crumb.path)}
					>
						{crumb.name}
					</button>
				</Fragment>
			))}
		</nav>
	)
}
