using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads what there is about the BPF file system: <c>cilium-dbg bpf fs show</c>, text and JSON, and <c>tree /sys/fs/bpf</c>.</summary>
public static class BpfFilesystemText
{
    /// <summary>Reads the mount, or what is pinned below it.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <returns>A <see cref="BpfMount"/>, or <see cref="BpfPin"/>s.</returns>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<object> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        if (form == OutputForm.Json)
            return BpfMountText.Document(lines, node);
        while (lines.Peek() is { } line && string.IsNullOrWhiteSpace(line))
            lines.Next();
        if (form == OutputForm.Empty || lines.Peek() is not { } first)
            return [];
        return BpfPinText.IsRoot(first) ? BpfPinText.Tree(lines, node, warn) : BpfMountText.Lines(lines, node, warn);
    }
}
