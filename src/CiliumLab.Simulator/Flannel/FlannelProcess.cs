using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Flannel;

/// <summary>What runs in Flannel's images: <c>cp</c> in the init containers, and flanneld.</summary>
internal sealed class FlannelProcess : IContainerProcess
{
    private const string Configuration = "kube-flannel-cfg";

    private NodeWatch? _watch;

    /// <inheritdoc/>
    public ProcessOutcome Start(ContainerContext context)
    {
        try
        {
            return context.Command switch
            {
                ["cp", "-f", var from, var to] => Copy(context, from, to),
                ["/opt/bin/flanneld", ..] => Run(context, [.. context.Command.Skip(1)]),
                _ => CommandOutcome.Of(context.Command),
            };
        }
        catch (FlannelException error)
        {
            context.Log(error.Message);
            return ProcessOutcome.Failed(1);
        }
    }

    /// <inheritdoc/>
    public void Stop(ContainerContext context)
    {
        if (_watch is not null)
            context.Cluster.Loop.Remove(_watch);
        _watch = null;
    }

    private static ProcessOutcome Copy(ContainerContext context, string from, string to)
    {
        if (from.StartsWith("/etc/kube-flannel/", StringComparison.Ordinal))
            context.Node.Files.Put(to, ReadConfiguration(context, from[(from.LastIndexOf('/') + 1)..]));
        else
            context.Node.Files.Put(to[..to.LastIndexOf('/')], new RegularFile(to[(to.LastIndexOf('/') + 1)..]) { Mode = 0b111_101_101, Content = [0x7f, (byte)'E', (byte)'L', (byte)'F'] });
        return ProcessOutcome.Done;
    }

    private static string ReadConfiguration(ContainerContext context, string key) =>
        context.Cluster.Store.Find(ResourceTypes.ConfigMaps, context.Pod.Namespace, Configuration)?.Json.Text("data", key)
            ?? throw new FlannelException($"open /etc/kube-flannel/{key}: no such file or directory");

    private ProcessOutcome Run(ContainerContext context, IReadOnlyList<string> arguments)
    {
        var network = FlannelNetwork.Read(ReadConfiguration(context, "net-conf.json"));
        var daemon = new Flanneld(context.Node, context.Cluster.Store, network, FlannelArguments.Read(arguments), context.Log);
        daemon.Start();
        _watch = new NodeWatch(context.Cluster.Loop, daemon);
        context.Cluster.Loop.Add(_watch);
        return ProcessOutcome.Runs;
    }

    private sealed class NodeWatch(ControlLoop loop, Flanneld daemon) : Controller(loop)
    {
        public override void Changed(ResourceEvent change)
        {
            if (change.Object.Type == ResourceTypes.Nodes)
                Enqueue("nodes");
        }

        public override void Reconcile(string key) => daemon.NodesChanged();
    }
}
