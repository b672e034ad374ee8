// `flyball status`: the app at a glance. Exit code 3 when it is not well, so that a script can wait for it or act on it.
import type { AppStatus } from "@flyball/core";
import { openControl } from "../app/open-control.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { fieldText } from "../messages/field-text.ts";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { formatMoment } from "../render/moment.ts";
import { renderFailingChannels } from "../render/render-channels.ts";
import { renderRefusal } from "../render/render-refusal.ts";
import { renderScaling } from "../render/render-scaling.ts";
import { renderMovedListeners, renderServices } from "../render/render-services.ts";
import { stateWord } from "../render/state-word.ts";

/** Runs the command. */
export async function status(context: CommandContext): Promise<number> {
  const { control } = await openControl(context);
  const app = await control.status();
  context.output.value(app, (style) => renderStatus(app, context.translate, style));
  return app.state === "degraded" || app.state === "failed" ? 3 : 0;
}

/** The whole status as text. */
export function renderStatus(app: AppStatus, translate: Translate, style: Style): string {
  const revision =
    app.revision === null
      ? translate("status.no-revision")
      : translate("status.revision", {
          number: app.revision.number,
          at: formatMoment(app.revision.createdAt),
          author: app.revision.author,
          reason: fieldText(app.revision, "reason", translate),
        });
  const gateway = app.gateway.isConnected
    ? translate("status.gateway-connected", { pid: app.gateway.pid ?? "?", version: app.gateway.snapshotVersion })
    : style.red(translate("status.gateway-lost"));
  const models = app.models.map(({ name, backends, url }) => `  ${name}  ${url}  → ${backends.join(", ")}`);
  const overrides = app.overrides.map((override) =>
    translate("status.override", {
      field: override.field,
      value: JSON.stringify(override.value),
      actor: override.actor,
      reason: fieldText(override, "reason", translate),
    }),
  );
  return [
    `${style.bold(app.app)}  ${stateWord(app.state, translate, style)}${app.isPaused ? `  (${translate("status.paused")})` : ""}`,
    `${app.manifestPath}  ${translate("status.target", { target: app.target })}`,
    revision,
    gateway,
    ...failureOf(app, translate, style),
    "",
    renderServices(app.services, translate, style),
    ...scalingOf(app, translate),
    ...(models.length === 0 ? [] : ["", translate("status.models"), ...models]),
    ...(overrides.length === 0 ? [] : ["", ...overrides]),
    ...renderMovedListeners(app, translate),
    ...renderFailingChannels(app, translate, style),
  ].join("\n");
}

function scalingOf(app: AppStatus, translate: Translate): readonly string[] {
  const lines = renderScaling(app.services, translate);
  return lines.length === 0 ? [] : ["", ...lines];
}

/** The refusal says more than the rollout's failure, which is the same then. */
function failureOf(app: AppStatus, translate: Translate, style: Style): readonly string[] {
  const { refusal } = app.gateway;
  if (refusal !== undefined) return [renderRefusal(refusal, translate, style)];
  const failure = fieldText(app, "failure", translate);
  return failure === undefined ? [] : [style.red(failure)];
}
