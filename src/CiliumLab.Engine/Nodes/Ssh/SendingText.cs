using System.Text;

namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>
/// UTF-8 that notices when it is used. A connection that breaks before a command was sent can be made anew and the command tried again;
/// one that breaks later must not, because the command may have run. The library opens a session and sends the command in one call
/// that blocks its thread, and asking for the bytes of the command's text is all that can be seen between the two.
/// </summary>
internal sealed class SendingText : UTF8Encoding
{
    [ThreadStatic]
    private static bool t_sent;

    /// <summary>Makes an encoding without a byte order mark.</summary>
    public SendingText()
        : base(encoderShouldEmitUTF8Identifier: false)
    {
    }

    /// <summary>Whether this thread has encoded a text since it set this to false.</summary>
    public static bool Sent
    {
        get => t_sent;
        set => t_sent = value;
    }

    /// <inheritdoc/>
    public override byte[] GetBytes(string s)
    {
        t_sent = true;
        return base.GetBytes(s);
    }
}
