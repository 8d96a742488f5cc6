using CiliumLab.Engine.Nodes.Kubelet;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads the files that give the kubelet its flags: /var/lib/kubelet/kubeadm-flags.env (written by kubeadm) and
/// /etc/default/kubelet (written by people).
/// </summary>
public static class KubeadmFlagsText
{
    private const string Kind = "KubeadmFlags";

    /// <summary>Reads one record for each variable.</summary>
    /// <param name="text">The file.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that sets nothing, and of a <c>--node-ip</c> that is no address.</param>
    public static IEnumerable<KubeletFlags> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var file = EnvironmentFile.Parse(text.ReadToEnd());
        if (file.NotUnderstood is [var first, ..] && file.Variables.All(variable => variable.Line > first.Line))
            throw OutputErrors.NotThisOutput(Kind, first.Line, first.Text, first.Reason);
        foreach (var warning in file.NotUnderstood)
            warn(warning);
        foreach (var variable in file.Variables)
        {
            var arguments = new KubeletArguments(variable.Value);
            if (arguments is { NodeIpText.Length: > 0, NodeIp: [] })
                warn(new TextWarning(variable.Line, arguments.NodeIpText, "--node-ip is not an address"));
            yield return new KubeletFlags
            {
                Node = node,
                Variable = variable.Name,
                Flags = arguments.Flags,
                NodeIp = arguments.NodeIp,
                OtherWords = arguments.OtherWords,
            };
        }
    }
}
