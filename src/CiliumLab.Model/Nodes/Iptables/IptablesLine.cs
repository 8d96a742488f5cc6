namespace CiliumLab.Model;

/// <summary>A line of an iptables listing: a chain, a rule or a remark.</summary>
public abstract record IptablesLine
{
    /// <summary>The line as iptables-save or <c>iptables -S</c> prints it.</summary>
    public abstract string Text { get; }

    /// <summary>The line itself.</summary>
    public sealed override string ToString() => Text;
}

/// <summary>A line that is neither a chain nor a rule: a comment, an empty line, something that was not understood.</summary>
/// <param name="Content">The line.</param>
public sealed record IptablesRemark(string Content) : IptablesLine
{
    /// <inheritdoc/>
    public override string Text => Content;
}
