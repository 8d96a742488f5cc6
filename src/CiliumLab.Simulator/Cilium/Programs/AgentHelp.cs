using System.Globalization;
using System.Text;
using CiliumLab.Engine.Cni;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Simulator.Cilium;

/// <summary>
/// <c>cilium-agent --help</c>: the options that an agent knows, without their descriptions. The agent itself is the container's process; as a
/// program it does nothing else here. Options are those that the chart can set.
/// </summary>
/// <param name="cilium">The installation.</param>
internal sealed class AgentHelp(CiliumInstallation cilium) : IContainerProgram
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(ContainerCall call, CancellationToken cancellationToken)
    {
        if (call.Arguments.Skip(1).FirstOrDefault() is not ("--help" or "-h"))
            return await call.ComplainAsync("cilium-agent: a second agent is not simulated; only --help is", 1, cancellationToken).ConfigureAwait(false);
        var values = cilium[call.Container.Node].Configuration.Values;
        var text = new StringBuilder("Run the cilium agent\n\nUsage:\n  cilium-agent [flags]\n\nFlags:\n");
        foreach (var key in CiliumChartSettings.All.Select(static setting => setting.Key).Union(values.Keys).Order(StringComparer.Ordinal))
        {
            var type = TypeOf(key, values.GetValueOrDefault(key));
            text.Append(CultureInfo.InvariantCulture, $"{(key == "debug" ? "  -D, " : "      ")}--{key}{(type.Length == 0 ? "" : " " + type)}\n");
        }

        await call.PrintAsync(text.ToString(), cancellationToken).ConfigureAwait(false);
        return 0;
    }

    // A flag without a type is a switch. One that is not set shows by its name alone whether it is.
    private static string TypeOf(string key, string? value) => value switch
    {
        "true" or "false" => "",
        null => key.StartsWith("enable-", StringComparison.Ordinal) ? "" : "string",
        _ => long.TryParse(value, CultureInfo.InvariantCulture, out _) ? "int" : "string",
    };
}
