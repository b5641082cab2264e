import { Link, useRouterState } from "@tanstack/react-router";

/** Links between pages that belong together; the present one is marked. */
export function Views({ label, items }: { label: string; items: { to: string; label: string }[] }) {
  const pathname = useRouterState({ select: (state) => state.location.pathname.replace(/\/$/, "") });
  return (
    <nav aria-label={label} className="views">
      {items.map((item) => (
        <Link key={item.to} to={item.to} activeOptions={{ exact: true }} aria-current={pathname === item.to ? "page" : undefined}>
          {item.label}
        </Link>
      ))}
    </nav>
  );
}
