using System.Management.Automation;
using System.Net;
using CiliumLab.Model;
using CiliumLab.Simulator.Cilium;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Cilium;

/// <summary>Watch-CiliumMonitor against agents whose containers the tests look into.</summary>
public sealed class CiliumMonitorTests(ServedCilium lab) : IClassFixture<ServedCilium>
{
    [Fact]
    public async Task Events_come_typed_as_the_datapath_decides()
    {
        var watched = Task.Run(() => lab.Prompt.Run("Watch-CiliumMonitor k8s-ctr -Type Trace, PolicyVerdict, TraceSocket -Count 4"), TestContext.Current.CancellationToken);
        await ListeningAsync(1);

        lab.Curl();
        var outcome = await watched;

        Assert.Empty(outcome.Errors);
        var events = Events(outcome);
        Assert.Equal([MonitorEventType.TraceSocket, MonitorEventType.TraceSocket, MonitorEventType.PolicyVerdict, MonitorEventType.Trace], events.Select(one => one.Type));
        var endpoint = lab.Agent("k8s-ctr").Endpoints.Find("default", "curl-pod")!;
        Assert.Equal(("pre-xlate-fwd", "10.96.33.91", "post-xlate-fwd"), (events[0].Point, events[0].DestinationAddress!.ToString(), events[1].Point));
        Assert.Equal(
            (endpoint.Id, Model.TrafficDirection.Egress, MonitorVerdict.Allow, TransportProtocol.Tcp, 80),
            (events[2].EndpointId!.Value, events[2].Direction!.Value, events[2].Verdict, events[2].Protocol, events[2].DestinationPort!.Value));
        Assert.Equal(
            ("to-stack", "new", "SYN", endpoint.Identity.Id, endpoint.Address),
            (events[3].Point, events[3].ConnectionState, events[3].Details, events[3].SourceIdentityId!.Value, events[3].SourceAddress));
        Assert.All(events, one => Assert.Equal(("k8s-ctr", true), (one.Node, one.Time is not null)));
        Assert.Empty(await lab.ProcessesAsync());
    }

    [Fact]
    public async Task All_agents_are_watched_and_the_count_is_of_all_together()
    {
        var watched = Task.Run(() => lab.Prompt.Run("Watch-CiliumMonitor -Count 50"), TestContext.Current.CancellationToken);
        await ListeningAsync(3);

        for (; !watched.IsCompleted; await Task.Yield())
            lab.Curl();

        Assert.Equal(50, Events(await watched).Count);
        Assert.Empty(await lab.ProcessesAsync());
    }

    [Fact]
    public async Task Lost_events_are_a_warning_and_a_number()
    {
        var watched = Task.Run(() => lab.Prompt.Run("Watch-CiliumMonitor k8s-ctr -Count 2"), TestContext.Current.CancellationToken);
        await ListeningAsync(1);

        lab.Agent("k8s-ctr").Monitor.Publish(new LostMessage(12));
        lab.Agent("k8s-ctr").Monitor.Publish(new AgentMessage("Endpoint created", 77, [], null, null));

        var outcome = await watched;
        Assert.Equal([(MonitorEventType.Lost, 12UL, 0UL), (MonitorEventType.Agent, null, 12UL)], Events(outcome).Select(one => (one.Type, one.LostCount, one.LostBefore)));
        Assert.StartsWith("k8s-ctr: 12 events were lost, 12 since the watch began", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drop_comes_with_its_reason_and_its_endpoint()
    {
        var agent = lab.Agent("k8s-ctr");
        var endpoint = agent.Endpoints.Find("default", "curl-pod")!;
        var watched = Task.Run(() => lab.Prompt.Run("Watch-CiliumMonitor k8s-ctr Drop -Count 1"), TestContext.Current.CancellationToken);
        await ListeningAsync(1);

        lab.Curl();
        agent.Programs.Handle(AgentHook.FromContainer, endpoint.Link!, new Packet { Source = IPAddress.Parse("192.0.2.9"), Destination = IPAddress.Parse("10.96.33.91"), Protocol = "tcp", SourcePort = 4000, Port = 80 });

        var drop = Assert.Single(Events(await watched));
        Assert.Equal(
            (MonitorEventType.Drop, "Invalid source ip", MonitorVerdict.Deny, endpoint.Id, "192.0.2.9:4000", "10.96.33.91:80"),
            (drop.Type, drop.DropReason, drop.Verdict, drop.EndpointId!.Value, drop.Source, drop.Destination));
        Assert.Contains("\u001b[91mDrop", lab.Prompt.Show("$args[0]", drop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_duration_ends_the_monitors_and_is_no_error()
    {
        var outcome = lab.Prompt.Run("Watch-CiliumMonitor -Type Drop -Duration 1");

        Assert.Empty(outcome.Output);
        Assert.Empty(outcome.Errors);
        Assert.Empty(outcome.Warnings);
        Assert.Empty(await lab.ProcessesAsync());
    }

    [Fact]
    public async Task Ctrl_C_ends_the_monitors()
    {
        using var shell = System.Management.Automation.PowerShell.Create(lab.Prompt.Runspace);
        var running = shell.AddScript("Watch-CiliumMonitor").BeginInvoke();
        await ListeningAsync(3);

        await shell.StopAsync(null, null);

        Assert.True(running.IsCompleted);
        await lab.RunningAsync(0);
    }

    [Fact]
    public async Task The_pipeline_that_has_enough_ends_the_monitors()
    {
        var watched = Task.Run(() => lab.Prompt.Run("do { Watch-CiliumMonitor | ForEach-Object { $_; break } } while ($false)"), TestContext.Current.CancellationToken);
        await ListeningAsync(3);

        lab.Curl();

        Assert.Single(Events(await watched));
        await lab.RunningAsync(0);
    }

    [Fact]
    public async Task Only_the_events_of_the_endpoints_that_come_down_the_pipeline_each_once()
    {
        var endpoint = lab.Agent("k8s-ctr").Endpoints.Find("default", "curl-pod")!;
        var watched = Task.Run(() => lab.Prompt.Run("Get-CiliumEndpoint | Where-Object Pod -in curl-pod, none | Watch-CiliumMonitor -Type PolicyVerdict -Count 2"), TestContext.Current.CancellationToken);
        await ListeningAsync(1);

        lab.Curl();
        lab.Curl();

        var events = Events(await watched);
        Assert.All(events, one => Assert.Equal((endpoint.Id, "k8s-ctr"), (one.EndpointId!.Value, one.Node)));
        Assert.Equal(2, events.Select(one => one.SourcePort).Distinct().Count());
        Assert.Empty(lab.Prompt.Get("[pscustomobject]@{ Node = 'k8s-ctr'; EndpointId = $null } | Watch-CiliumMonitor"));
    }

    [Fact]
    public async Task What_the_agent_does_is_an_event_too()
    {
        var watched = Task.Run(() => lab.Prompt.Run("Watch-CiliumMonitor k8s-w1 -Type Agent -Count 1"), TestContext.Current.CancellationToken);
        await ListeningAsync(1);

        lab.Agent("k8s-w1").Monitor.Publish(new AgentMessage("Endpoint created", 77, ["k8s:app=webpod"], "default", "webpod-x"));

        var one = Assert.Single(Events(await watched));
        Assert.Equal((MonitorEventType.Agent, "Endpoint created"), (one.Type, one.Details));
        Assert.Contains("\"pod-name\":\"webpod-x\"", one.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_breaks_is_resumed_with_a_warning()
    {
        using var shell = System.Management.Automation.PowerShell.Create(lab.Prompt.Runspace);
        using var output = new PSDataCollection<MonitorEvent>();
        var running = shell.AddScript("Watch-CiliumMonitor k8s-ctr -Type PolicyVerdict -Count 2").InvokeAsync<PSObject, MonitorEvent>(null, output);
        await ListeningAsync(1);
        lab.Curl();
        await ServedCilium.UntilAsync(() => Task.FromResult(output.Count == 1));
        var (processes, id) = Assert.Single(await lab.ProcessesAsync());

        processes.Terminate(id);
        await ServedCilium.UntilAsync(async () => await lab.ProcessesAsync() is [var (_, other)] && other != id && lab.Agent("k8s-ctr").Monitor.Listeners == 1);
        lab.Curl();
        await running;

        Assert.Empty(shell.Streams.Error);
        Assert.Equal(2, output.Count);
        var warning = Assert.Single(shell.Streams.Warning).Message;
        Assert.StartsWith("k8s-ctr: The stream ended (", warning, StringComparison.Ordinal);
        Assert.EndsWith("it is opened again, and what happened in between may be missing.", warning, StringComparison.Ordinal);
        Assert.Empty(await lab.ProcessesAsync());
    }

    private static List<MonitorEvent> Events(Outcome outcome) => [.. outcome.Output.Select(item => Assert.IsType<MonitorEvent>(item.BaseObject))];

    private Task ListeningAsync(int agents) => ServedCilium.UntilAsync(() => Task.FromResult(lab.Lab.Cilium.Agents.Sum(agent => agent.Monitor.Listeners) == agents));
}
