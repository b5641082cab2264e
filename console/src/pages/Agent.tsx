import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { ApiError } from "../api/client";
import { agentQuery } from "../api/queries";
import { NothingHere } from "../parts/Failure";

/** Everything under one agent; an agent that is not there, or is another account's, has no pages. */
export function AgentPages() {
  const { botId } = useParams({ from: "/signed-in/builder/$botId" });
  const { error } = useQuery(agentQuery(botId));
  const unknown = error instanceof ApiError && error.status === 404;
  return unknown ? <NothingHere /> : <Outlet />;
}
