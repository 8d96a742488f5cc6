using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>ip addr</c>, as text (also <c>-d</c>, <c>-s</c>, <c>-o</c>) or as JSON (<c>-j</c>).</summary>
public static class IpAddressText
{
    /// <summary>Reads the interfaces in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when no interface could be read.</exception>
    public static IEnumerable<NodeInterface> Parse(TextReader text, string? node, Action<TextWarning> warn) =>
        LinkText.Parse("ip addr", text, node, warn);
}

/// <summary>Reads <c>ip link</c>, as text (also <c>-d</c>, <c>-s</c>, <c>-o</c>) or as JSON (<c>-j</c>).</summary>
public static class IpLinkText
{
    /// <summary>Reads the interfaces in the output's order; they have no addresses.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when no interface could be read.</exception>
    public static IEnumerable<NodeInterface> Parse(TextReader text, string? node, Action<TextWarning> warn) =>
        LinkText.Parse("ip link", text, node, warn);
}
