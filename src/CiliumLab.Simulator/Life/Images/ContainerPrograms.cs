using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Programs;

namespace CiliumLab.Simulator.Life;

/// <summary>The programs that images bring, by name.</summary>
internal static class ContainerPrograms
{
    private static readonly Dictionary<string, IContainerProgram> Common = new(StringComparer.Ordinal)
    {
        ["cat"] = new Simple(Cat, tellsCalls: true),
        ["echo"] = new Simple(Echo, tellsCalls: true),
        ["env"] = new Simple(Env),
        ["hostname"] = new Simple(static async (call, token) =>
        {
            await call.PrintAsync((call.Container.Pod.IsHostNetwork() ? call.Container.Node.HostName : call.Container.Pod.Name) + "\n", token).ConfigureAwait(false);
            return 0;
        }),
        ["sh"] = new ContainerShell(),
        ["sleep"] = new Simple(Sleep, tellsCalls: true),
        ["true"] = new Simple(static (_, _) => Task.FromResult(0), tellsCalls: true),
        ["false"] = new Simple(static (_, _) => Task.FromResult(1), tellsCalls: true),
    };

    /// <summary>Of images made from Debian: a shell, and little else.</summary>
    public static IReadOnlyDictionary<string, IContainerProgram> Debian { get; } = new Dictionary<string, IContainerProgram>(Common, StringComparer.Ordinal)
    {
        ["bash"] = Common["sh"],
        ["curl"] = new CurlProgram(),
    };

    /// <summary>Of busybox.</summary>
    public static IReadOnlyDictionary<string, IContainerProgram> Busybox { get; } = new Dictionary<string, IContainerProgram>(Common, StringComparer.Ordinal)
    {
        ["ip"] = new OnNode(),
        ["nslookup"] = new Simple(Lookup),
        ["ping"] = new OnNode(),
    };

    /// <summary>Of images full of network tools.</summary>
    public static IReadOnlyDictionary<string, IContainerProgram> Tools { get; } = new Dictionary<string, IContainerProgram>(Busybox, StringComparer.Ordinal)
    {
        ["bash"] = Common["sh"],
        ["curl"] = new CurlProgram(),
        ["strace"] = new StraceProgram(),
        ["tcpdump"] = new OnNode(),
        ["timeout"] = new OnNode(),
    };

    private static async Task<int> Cat(ContainerCall call, CancellationToken token)
    {
        if (call.Arguments.Count == 1)
            await call.Input.CopyToAsync(call.Output, token).ConfigureAwait(false);
        foreach (var path in call.Arguments.Skip(1))
        {
            var content = ImageFiles.Find(call.Container, path);
            call.Busybox?.Copied(path, content);
            if (content is null)
                return await call.ComplainAsync($"cat: can't open '{path}': No such file or directory", 1, token).ConfigureAwait(false);
            await call.WriteAsync(content, token).ConfigureAwait(false);
        }
        return 0;
    }

    private static async Task<int> Echo(ContainerCall call, CancellationToken token)
    {
        var text = string.Join(' ', call.Arguments.Skip(1)) + "\n";
        call.Busybox?.Wrote(text);
        await call.PrintAsync(text, token).ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> Env(ContainerCall call, CancellationToken token)
    {
        await call.PrintAsync($"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nHOSTNAME={call.Container.Pod.Name}\n", token).ConfigureAwait(false);
        foreach (var variable in call.Container.Spec.Objects("env").Where(static e => e["valueFrom"] is null))
            await call.PrintAsync($"{variable.Text("name")}={variable.Text("value")}\n", token).ConfigureAwait(false);
        var api = KubeadmObjects.Host(call.Container.Cluster.Settings.Api.ServiceCidr, 1);
        await call.PrintAsync($"KUBERNETES_SERVICE_HOST={api}\nKUBERNETES_SERVICE_PORT=443\nKUBERNETES_SERVICE_PORT_HTTPS=443\nHOME=/root\n", token).ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> Sleep(ContainerCall call, CancellationToken token)
    {
        if (CommandOutcome.Of(call.Arguments).EndsAfter is not { } time)
            return await call.ComplainAsync($"sleep: invalid number '{call.Arguments.ElementAtOrDefault(1)}'", 1, token).ConfigureAwait(false);
        await (call.Busybox?.SleepAsync(time, token) ?? Task.Delay(time, call.Container.Cluster.Clock, token)).ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> Lookup(ContainerCall call, CancellationToken token)
    {
        var server = KubeadmObjects.Host(call.Container.Cluster.Settings.Api.ServiceCidr, 10);
        var name = call.Arguments.ElementAtOrDefault(1) ?? "";
        var addresses = PodResolver.Resolve(call.Container, name, out var answered);
        if (!answered)
        {
            await Task.Delay(TimeSpan.FromSeconds(15), call.Container.Cluster.Clock, token).ConfigureAwait(false);
            await call.PrintAsync(";; connection timed out; no servers could be reached\n\n", token).ConfigureAwait(false);
            return 1;
        }
        await call.PrintAsync($"Server:\t\t{server}\nAddress:\t{server}:53\n\n", token).ConfigureAwait(false);
        if (addresses.Count == 0)
        {
            await call.PrintAsync($"** server can't find {name}: NXDOMAIN\n\n", token).ConfigureAwait(false);
            return 1;
        }
        foreach (var address in addresses)
            await call.PrintAsync($"Name:\t{name}\nAddress: {address}\n", token).ConfigureAwait(false);
        await call.PrintAsync("\n", token).ConfigureAwait(false);
        return 0;
    }

    private sealed class Simple(Func<ContainerCall, CancellationToken, Task<int>> run, bool tellsCalls = false) : IContainerProgram
    {
        public bool TellsCalls => tellsCalls;

        public async Task<int> RunAsync(ContainerCall call, CancellationToken cancellationToken)
        {
            call.Busybox?.Started(call.Arguments);
            var code = await run(call, cancellationToken).ConfigureAwait(false);
            call.Busybox?.Ended(code);
            return code;
        }
    }

    /// <summary>A program that the node has too: run there, in the pod's network.</summary>
    private sealed class OnNode : IContainerProgram
    {
        private static bool ReadsInput(IReadOnlyList<string> arguments) => arguments.Any(static word => word == "-r-") || arguments.Zip(arguments.Skip(1)).Any(static pair => pair is ("-r", "-"));

        private static async Task<byte[]> AllAsync(Stream input, CancellationToken cancellationToken)
        {
            using var all = new MemoryStream();
            await input.CopyToAsync(all, cancellationToken).ConfigureAwait(false);
            return all.ToArray();
        }

        public async Task<int> RunAsync(ContainerCall call, CancellationToken cancellationToken)
        {
            var run = new ProgramCall
            {
                Node = call.Container.Node,
                Name = call.Arguments[0],
                Arguments = [.. call.Arguments.Skip(1)],
                Network = call.Container.Network,
                Input = ReadsInput(call.Arguments) ? await AllAsync(call.Input, cancellationToken).ConfigureAwait(false) : default,
                Output = new ProgramOutput((bytes, token) => call.Output.WriteAsync(bytes, token)),
                ErrorSink = (bytes, token) => call.Error.WriteAsync(bytes, token),
                OwnFiles = call.Container.Files.ForPrograms(),
                CancellationToken = cancellationToken,
            };
            var code = await call.Container.Node.Programs.RunAsync(run).ConfigureAwait(false);

            // A signal that ended it does not take its last words.
            await run.FlushErrorAsync(call.Process.Terminated ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
            return code;
        }
    }
}
