using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cluster.Connection;

/// <summary>What a refusal of the API server means to the user. The server's own words are always in the message.</summary>
internal static class ApiErrors
{
    /// <summary>The error id of an object that is not there.</summary>
    public const string NotFound = "ClusterObjectNotFound";

    /// <summary>The error id of a kind that the server does not know.</summary>
    public const string KindNotFound = "ClusterKindNotFound";

    /// <summary>The error id of a list that is too old to go on from.</summary>
    public const string Expired = "ClusterListExpired";

    private const int MostWords = 300;

    /// <summary>An answer that is a refusal.</summary>
    /// <param name="cluster">Who said it.</param>
    /// <param name="code">The HTTP status code.</param>
    /// <param name="body">The body: a Status object, or whatever a proxy in between says.</param>
    /// <param name="tries">How often it was asked.</param>
    public static LabException Refusal(ClusterAddress cluster, HttpStatusCode code, string body, int tries)
    {
        var status = Status(body);
        var words = status?.Text("message") ?? Words(body) ?? $"{(int)code} {code}";
        var details = status?.Object("details");
        var name = details?.Text("name");
        var kind = details?.Text("kind");
        var said = $"{Begin(cluster)} says: {words.TrimEnd('.')}.";
        var again = tries > 1 ? $" It was asked {tries} times." : "";
        return (int)code switch
        {
            401 => new(
                "ClusterLoginRefused", LabErrorKind.AuthenticationError, said, cluster.Server,
                $"The credentials in '{cluster.KubeConfig}' are wrong or have expired: give a current kubeconfig with Connect-LabCluster -KubeConfig FILE"),
            403 => new(
                "ClusterAccessDenied", LabErrorKind.PermissionDenied, said, name ?? kind,
                $"See what this user may do: kubectl --kubeconfig '{cluster.KubeConfig}' auth can-i --list"),
            404 when name is null => new(
                KindNotFound, LabErrorKind.NotInstalled, $"{said} It does not know this kind of object.", cluster.Server,
                $"See which kinds the cluster knows: kubectl --kubeconfig '{cluster.KubeConfig}' api-resources"),
            404 => new(NotFound, LabErrorKind.ObjectNotFound, said, name, HowToList(cluster, kind)),
            409 when status?.Text("reason") == "AlreadyExists" => new(
                "ClusterObjectExists", LabErrorKind.ResourceExists, said, name, "Choose another name, or remove what is there."),
            409 => new("ClusterConflict", LabErrorKind.InvalidOperation, said, name, "Somebody else changed it at the same time: do it again."),
            410 => new(Expired, LabErrorKind.InvalidOperation, said, cluster.Server, "Do it again."),
            429 => new(
                "ClusterBusy", LabErrorKind.ResourceUnavailable, said + again, cluster.Server,
                "Try again in a moment. If it stays so, see what asks so often: kubectl get --raw /debug/api_priority_and_fairness/dump_priority_levels"),
            400 or 405 or 413 or 415 or 422 => new(
                "ClusterRequestInvalid", LabErrorKind.InvalidArgument, said, name, "Correct the value that the message names."),
            _ => new(
                "ClusterFailed", LabErrorKind.ResourceUnavailable, said + again, cluster.Server,
                $"See how it is: kubectl --kubeconfig '{cluster.KubeConfig}' get --raw '/readyz?verbose'"),
        };
    }

    /// <summary>No answer in time.</summary>
    public static LabException TimedOut(ClusterAddress cluster, TimeSpan waited, int tries) =>
        new(
            "ClusterTimedOut",
            LabErrorKind.OperationTimeout,
            $"{Begin(cluster)} did not answer within {waited.TotalSeconds:0.#} s{(tries > 1 ? $", {tries} times" : "")}.",
            cluster.Server,
            $"See whether it is busy: kubectl --kubeconfig '{cluster.KubeConfig}' get --raw '/readyz?verbose'");

    /// <summary>No connection, or one that broke.</summary>
    public static LabException NotConnected(ClusterAddress cluster, HttpRequestException error, int tries)
    {
        if (error.InnerException is AuthenticationException || error.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            return new(
                "ClusterNotTrusted",
                LabErrorKind.AuthenticationError,
                $"{Begin(cluster)} shows a certificate that the kubeconfig's authority did not issue for that name: {Innermost(error)}",
                cluster.Server,
                $"If the cluster was made anew, its kubeconfig is another one: compare '{cluster.KubeConfig}' with the control plane's /etc/kubernetes/admin.conf",
                error);
        }

        return new(
            "ClusterUnreachable",
            LabErrorKind.ConnectionError,
            $"{Begin(cluster)} cannot be reached: {Innermost(error).TrimEnd('.')}.{(tries > 1 ? $" It was tried {tries} times." : "")}",
            cluster.Server,
            $"Check that the lab runs: Get-LabCluster {cluster.Lab} (Start-LabCluster brings it up)",
            error);
    }

    /// <summary>A text with the sentence's first letter raised.</summary>
    public static string Begin(ClusterAddress cluster)
    {
        var text = cluster.ToString();
        return char.ToUpperInvariant(text[0]) + text[1..];
    }

    private static string HowToList(ClusterAddress cluster, string? kind) => kind switch
    {
        "pods" => "See the pods with: Get-LabPod",
        "services" => "See the services with: Get-LabService",
        "nodes" => "See the nodes with: Get-LabNode",
        _ => $"See what there is: kubectl --kubeconfig '{cluster.KubeConfig}' get {kind} -A",
    };

    private static string Innermost(Exception error) => error.GetBaseException().Message;

    private static JsonElement? Status(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Text("kind") == "Status" ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Words(string body)
    {
        var text = string.Join(' ', body.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length == 0 ? null : text.Length > MostWords ? text[..MostWords] + "…" : text;
    }
}
