using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Tests.Cluster;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Cilium;

/// <summary>An agent that cannot answer is one error, and what the others say is returned, whatever they are asked.</summary>
public sealed class FailingAgentTests(ServedCilium lab) : IClassFixture<ServedCilium>
{
    private static readonly string[] AskingTheAgent =
    [
        "Get-CiliumStatus -Detailed", "Get-CiliumHealth", "Get-CiliumDevice", "Get-CiliumEndpoint", "Get-CiliumIdentity", "Get-CiliumIpCache", "Get-CiliumService", "Get-CiliumBpfConntrack",
        "Get-CiliumBpfNat", "Get-CiliumBpfPolicy", "Get-CiliumBpfMap", "Get-CiliumBpfMap -MapName cilium_ipcache", "Get-CiliumBpfMapEvent -MapName cilium_lb4_services", "Get-CiliumBpfFilesystem",
    ];

    // The kernel goes on without the agent.
    private static readonly string[] AskingTheKernel = ["Get-BpfAttachment", "Get-BpfProgram", "Get-BpfMap"];

    public static TheoryData<string> InTheContainer { get; } = [.. AskingTheAgent, .. AskingTheKernel];

    public static TheoryData<string> ByTheAgent { get; } = [.. AskingTheAgent];

    [Theory]
    [MemberData(nameof(InTheContainer))]
    public void An_answer_that_is_cut_in_the_middle_is_one_error_and_the_others_are_whole(string cmdlet)
    {
        lab.Curl();
        var whole = Lines(lab.Prompt.Get(cmdlet));
        var pod = lab.Lab.Test.Pods("kube-system", "k8s-app=cilium").Single(pod => pod.NodeName() == "k8s-w1").Name;
        var before = lab.Server.Interceptor;
        lab.Server.Interceptor = new Fault((call, _) => call.Path.EndsWith($"/{pod}/exec", StringComparison.Ordinal) ? new ApiFault { CutExecAfter = 90 } : null);
        Outcome outcome;
        try
        {
            outcome = lab.Prompt.Run(cmdlet);
        }
        finally
        {
            lab.Server.Interceptor = before;
        }

        var error = Assert.Single(outcome.Errors);
        Assert.StartsWith("PodConnectionLost,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(pod, error.ToString(), StringComparison.Ordinal);
        Assert.Equal("k8s-w1", error.TargetObject);
        Assert.Equal(whole.Where(line => line.Node != "k8s-w1"), Lines(outcome.Output).Where(line => line.Node != "k8s-w1"));
    }

    [Theory]
    [MemberData(nameof(ByTheAgent))]
    public void An_agent_that_does_not_run_is_one_error_in_its_words_and_the_others_are_whole(string cmdlet)
    {
        lab.Curl();
        var whole = Lines(lab.Prompt.Get(cmdlet));
        lab.Agent("k8s-w2").Stop();
        Outcome outcome;
        try
        {
            outcome = lab.Prompt.Run(cmdlet);
        }
        finally
        {
            lab.Agent("k8s-w2").Start();
        }

        var error = Assert.Single(outcome.Errors);
        Assert.Equal("k8s-w2", error.TargetObject);
        Assert.Contains("Is the agent running?", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(whole.Where(line => line.Node != "k8s-w2"), Lines(outcome.Output.Where(item => item.BaseObject is not CiliumEndpoint { OnlyResource: true })));
    }

    [Fact]
    public void The_clusters_resources_speak_for_the_endpoints_of_an_agent_that_does_not()
    {
        var all = lab.Prompt.Get("Get-CiliumEndpoint").Select(item => (CiliumEndpoint)item.BaseObject).ToList();
        Assert.All(all, endpoint => Assert.Equal((endpoint.Pod is null ? null : true, false), (endpoint.HasResource, endpoint.OnlyResource)));
        var pods = all.Where(endpoint => endpoint is { Node: "k8s-w2", Pod: not null }).OrderBy(endpoint => endpoint.Pod, StringComparer.Ordinal).ToList();
        Assert.NotEmpty(pods);

        lab.Agent("k8s-w2").Stop();
        try
        {
            var outcome = lab.Prompt.Run("Get-CiliumEndpoint k8s-w2");

            Assert.Single(outcome.Errors);
            var told = outcome.Output.Select(item => (CiliumEndpoint)item.BaseObject).OrderBy(endpoint => endpoint.Pod, StringComparer.Ordinal).ToList();
            Assert.Equal(
                pods.Select(one => (one.Pod, one.EndpointId, one.IdentityId, one.IPv4, one.State, one.Labels.ToString())),
                told.Select(one => (one.Pod, one.EndpointId, one.IdentityId, one.IPv4, one.State, one.Labels.ToString())));
            Assert.All(told, one => Assert.True(one is { HasResource: true, OnlyResource: true }));
        }
        finally
        {
            lab.Agent("k8s-w2").Start();
        }
    }

    [Fact]
    public void Agents_of_an_older_version_answer_beside_the_others()
    {
        var pod = lab.Lab.Test.Pods("kube-system", "k8s-app=cilium").Single(pod => pod.NodeName() == "k8s-w1").Name;
        var before = lab.Server.Executor!;
        var whole = Lines(lab.Prompt.Get("Get-CiliumEndpoint"));
        using var other = new Prompt();
        var older = new OlderAgent(before, pod);
        lab.Server.Executor = older;
        try
        {
            lab.Connect(other);
            Assert.Equal(whole, Lines(other.Get("Get-CiliumEndpoint")));
            Assert.Equal(whole, Lines(other.Get("Get-CiliumEndpoint")));
        }
        finally
        {
            lab.Server.Executor = before;
        }

        // The newer program is tried once and remembered.
        Assert.Equal(["cilium-dbg", "cilium", "cilium"], older.Programs);
    }

    [Fact]
    public void The_status_of_the_whole_cluster_is_refused_by_its_name()
    {
        var error = Assert.Throws<LabException>(() => CiliumStatusText.Parse(new StringReader(Fixture.Read("transcript/136-cilium-status.txt")), null, _ => { }).ToList());

        Assert.Equal("OutputNotUnderstood", error.ErrorId);
        Assert.Contains("this is the status of the whole cluster, by cilium-cli", error.Message, StringComparison.Ordinal);
    }

    private static List<(string Node, string Type)> Lines(IEnumerable<System.Management.Automation.PSObject> output) =>
        [.. output.Select(item => ((string)item.Properties["Node"].Value, item.BaseObject.GetType().Name)).Order()];

    /// <summary>Has no cilium-dbg in one pod, as before 1.15.</summary>
    private sealed class OlderAgent(IPodExecutor agents, string pod) : IPodExecutor
    {
        public List<string> Programs { get; } = [];

        public Task<int> RunAsync(PodExecRequest request, PodExecStreams streams, CancellationToken cancellationToken)
        {
            if (request.Pod.Name != pod)
                return agents.RunAsync(request, streams, cancellationToken);
            Programs.Add(request.Command[0]);
            return request.Command[0] == "cilium-dbg"
                ? throw new PodExecException("exec failed: unable to start container process: exec: \"cilium-dbg\": executable file not found in $PATH: unknown")
                : agents.RunAsync(request, streams, cancellationToken);
        }
    }
}
