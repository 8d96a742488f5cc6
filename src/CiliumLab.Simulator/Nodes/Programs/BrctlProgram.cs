using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>brctl</c> of bridge-utils.</summary>
internal sealed class BrctlProgram() : ImmediateProgram("/usr/sbin/brctl", "/sbin/brctl")
{
    private const string Usage = """
        Usage: brctl [commands]
        commands:
        	addbr     	<bridge>		add bridge
        	delbr     	<bridge>		delete bridge
        	addif     	<bridge> <device>	add interface to bridge
        	delif     	<bridge> <device>	delete interface from bridge
        	hairpin   	<bridge> <port> {on|off}	turn hairpin on/off
        	setageing 	<bridge> <time>		set ageing time
        	setbridgeprio	<bridge> <prio>		set bridge priority
        	setfd     	<bridge> <time>		set bridge forward delay
        	sethello  	<bridge> <time>		set hello time
        	setmaxage 	<bridge> <time>		set max message age
        	setpathcost	<bridge> <port> <cost>	set path cost
        	setportprio	<bridge> <port> <prio>	set port priority
        	show      	[ <bridge> ]		show a list of bridges
        	showmacs  	<bridge>		show a list of mac addrs
        	showstp   	<bridge>		show bridge stp info
        	stp       	<bridge> {on|off}	turn stp on/off
        """;

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        if (call.Arguments.Count == 0)
            return ShowUsage(call);
        var command = call.Arguments[0];
        string[] rest = [.. call.Arguments.Skip(1)];
        return (command, rest) switch
        {
            ("show", _) => Show(call, rest),
            ("showmacs", [var bridge]) => ShowMacs(call, Bridge(call, bridge)),
            ("addbr", [var name]) => Change(call, () => call.Network.AddLink(new LinkRequest(LinkKind.Bridge) { Name = name }),
                $"device {name} already exists; can't create bridge with the same name"),
            ("delbr", [var name]) => Delete(call, name),
            ("addif", [var bridge, .. var ports]) => AddPorts(call, Bridge(call, bridge), ports),
            ("delif", [var bridge, .. var ports]) => RemovePorts(call, Bridge(call, bridge), ports),
            ("hairpin", [var bridge, var port, var on]) => Hairpin(call, Bridge(call, bridge), port, on),
            ("stp", [var bridge, var on]) => Change(call, () => call.Network.Change(Bridge(call, bridge), link => link.SpanningTree = on is "on" or "yes" or "1"), ""),
            ("showmacs" or "addbr" or "delbr" or "addif" or "delif" or "hairpin" or "stp", _) => call.Complain($"Incorrect number of arguments for command\nUsage: brctl {command}"),
            _ => call.Complain($"never heard of command [{command}]") + ShowUsage(call) - 1,
        };
    }

    private static int ShowUsage(ProgramCall call)
    {
        call.Line(Usage);
        return 1;
    }

    private static int Show(ProgramCall call, string[] names)
    {
        var code = 0;
        var bridges = names.Length == 0 ? call.Network.Links.Where(link => link.Kind == LinkKind.Bridge).OrderBy(link => link.Name, StringComparer.Ordinal).ToList() : [];
        foreach (var name in names)
        {
            var link = call.Network.FindLink(name);
            if (link is { Kind: LinkKind.Bridge })
                bridges.Add(link);
            else
                code = call.Complain(link is null ? $"bridge {name} does not exist!" : $"device {name} is not a bridge!");
        }

        // Without any bridge there is not even a heading.
        if (bridges.Count == 0)
            return code;
        call.Line("bridge name\tbridge id\t\tSTP enabled\tinterfaces");
        foreach (var bridge in bridges)
        {
            // Ports come from a folder of /sys, sorted by name.
            string[] ports = [.. bridge.Ports.Select(port => port.Name).Order(StringComparer.Ordinal)];
            call.Line($"{bridge.Name}\t\t{bridge.BridgeId}\t{(bridge.SpanningTree ? "yes" : "no")}\t\t{ports.FirstOrDefault()}");
            foreach (var port in ports.Skip(1))
                call.Line($"\t\t\t\t\t\t\t{port}");
        }

        return code;
    }

    private static int ShowMacs(ProgramCall call, Link bridge)
    {
        call.Line("port no\tmac addr\t\tis local?\tageing timer");
        var entries = call.Network.FdbEntries.Where(entry => entry.Master == bridge).Select(entry => (entry.Mac, entry.Link.Port!.Number, Local: false))
            .Concat(bridge.Ports.Select(port => (port.Mac, port.Port!.Number, Local: true)));
        foreach (var (mac, port, local) in entries.OrderBy(entry => entry.Mac))
            call.Line($"{port,3}\t{mac}\t{(local ? "yes" : "no")}\t\t{0.0,7:0.00}");
        return 0;
    }

    private static int Delete(ProgramCall call, string name)
    {
        if (call.Network.FindLink(name) is not { Kind: LinkKind.Bridge } bridge)
            return call.Complain($"bridge {name} doesn't exist; can't delete it");
        return bridge.IsUp
            ? call.Complain($"bridge {name} is still up; can't delete it")
            : Change(call, () => call.Network.RemoveLink(bridge), "");
    }

    private static int AddPorts(ProgramCall call, Link bridge, string[] names)
    {
        foreach (var name in names)
        {
            if (call.Network.FindLink(name) is not { } port)
                return call.Complain($"interface {name} does not exist!");
            if (port.Master is not null)
                return call.Complain($"device {name} is already a member of a bridge; can't add it to bridge {bridge.Name}.");
            if (Change(call, () => call.Network.SetMaster(port, bridge), $"can't add {name} to bridge {bridge.Name}: Invalid argument") is not 0 and var code)
                return code;
        }

        return 0;
    }

    private static int RemovePorts(ProgramCall call, Link bridge, string[] names)
    {
        foreach (var name in names)
        {
            if (call.Network.FindLink(name) is not { } port)
                return call.Complain($"interface {name} does not exist!");
            if (port.Master != bridge)
                return call.Complain($"device {name} is not a port of {bridge.Name}");
            if (Change(call, () => call.Network.SetMaster(port, null), "") is not 0 and var code)
                return code;
        }

        return 0;
    }

    private static int Hairpin(ProgramCall call, Link bridge, string name, string on)
    {
        if (call.Network.FindLink(name) is not { Port: { } settings } port || port.Master != bridge)
            return call.Complain($"interface {name} does not exist!");
        return Change(call, () => call.Network.SetPort(port, settings with { Hairpin = on is "on" or "yes" or "1" }), "");
    }

    private static int Change(ProgramCall call, Action change, string refusal)
    {
        if (!call.User.IsRoot)
            return call.Complain("Operation not permitted");
        try
        {
            change();
            return 0;
        }
        catch (KernelException)
        {
            return call.Complain(refusal);
        }
    }

    private static Link Bridge(ProgramCall call, string name) =>
        call.Network.FindLink(name) is { Kind: LinkKind.Bridge } bridge ? bridge : throw new ProgramException(1, $"bridge {name} does not exist!\n");
}
