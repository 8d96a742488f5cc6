using k8s.Models;

namespace CiliumLab.Engine.Cluster.Workloads;

/// <summary>
/// The objects of the sample application: <c>webpod</c>, two whoami servers on two nodes behind a service, and <c>curl-pod</c>, a client
/// with network tools on the control plane.
/// </summary>
internal static class SampleWorkload
{
    public const string Web = "webpod";
    public const string Client = "curl-pod";

    /// <summary>The servers. Each version of them is spread on its own, so that a rolling restart finds room on two workers.</summary>
    public static V1Deployment Servers(string ns, int replicas) => new()
    {
        Metadata = new V1ObjectMeta { Name = Web, NamespaceProperty = ns, Labels = App(Web) },
        Spec = new V1DeploymentSpec
        {
            Replicas = replicas,
            Selector = new V1LabelSelector { MatchLabels = App(Web) },
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = App(Web) },
                Spec = new V1PodSpec
                {
                    TopologySpreadConstraints =
                    [
                        new V1TopologySpreadConstraint
                        {
                            MaxSkew = 1,
                            TopologyKey = "kubernetes.io/hostname",
                            WhenUnsatisfiable = "DoNotSchedule",
                            NodeTaintsPolicy = "Honor",
                            LabelSelector = new V1LabelSelector { MatchLabels = App(Web) },
                            MatchLabelKeys = ["pod-template-hash"],
                        },
                    ],
                    Containers =
                    [
                        new V1Container { Name = Web, Image = "traefik/whoami", Ports = [new V1ContainerPort { ContainerPort = 80, Protocol = "TCP" }] },
                    ],
                },
            },
        },
    };

    /// <summary>The servers' service.</summary>
    public static V1Service Service(string ns) => new()
    {
        Metadata = new V1ObjectMeta { Name = Web, NamespaceProperty = ns, Labels = App(Web) },
        Spec = new V1ServiceSpec
        {
            Type = "ClusterIP",
            Selector = App(Web),
            Ports = [new V1ServicePort { Port = 80, Protocol = "TCP", TargetPort = 80 }],
        },
    };

    /// <summary>The client.</summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="node">The node that it is put onto, past its taints; null to let the scheduler choose.</param>
    public static V1Pod Curl(string ns, string? node) => new()
    {
        Metadata = new V1ObjectMeta { Name = Client, NamespaceProperty = ns, Labels = App("curl") },
        Spec = new V1PodSpec
        {
            NodeName = node,
            TerminationGracePeriodSeconds = 0,
            Containers = [new V1Container { Name = "curl", Image = "nicolaka/netshoot", Command = ["tail"], Args = ["-f", "/dev/null"] }],
        },
    };

    private static Dictionary<string, string> App(string name) => new() { ["app"] = name };
}
